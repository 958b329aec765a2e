//! Which file of a crate imports which, read from its syntax: `use` trees with their aliases, paths written out in code,
//! and paths inside macros. `self`, `super` and `crate` are resolved, and a name that a module passes on leads to the
//! file that owns it: `crate::document::Item` is an import of `document/item.rs` when it is declared there.
//!
//! What it does not see: paths in the strings of attributes, and names that a macro of the crate makes.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// How many names may lead to one another before a path counts as unresolved.
const ALIASES_MAX: usize = 16;

/// The name of the library, as its own binary says it.
const LIBRARY: &str = "dateline";

/// One file's use of another, or of another crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    /// The file that imports.
    pub(super) from: String,
    pub(super) target: Target,
    pub(super) line: usize,
    /// Only its tests do.
    pub(super) in_tests: bool,
    /// It only passes the name on.
    pub(super) re_export: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A file of this crate.
    File(String),
    /// The first word of a path that leads out of it.
    Outside(String),
}

type ModulePath = Vec<String>;

#[derive(Debug, Default)]
struct Module {
    file: String,
    /// Names that `use` gives, and where they come from as written.
    names: BTreeMap<String, Vec<String>>,
    /// Modules all of whose names are used here, as written.
    globs: Vec<Vec<String>>,
}

struct Reference {
    module: ModulePath,
    file: String,
    line: usize,
    segments: Vec<String>,
    in_tests: bool,
    re_export: bool,
}

/// All imports between the files of a crate, given as paths below `src` and their text; sorted.
pub(super) fn imports(files: &[(String, String)]) -> Vec<Import> {
    let mut reader = Reader::default();
    for (file, text) in files {
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        reader.enter_file(file);
        reader.visit_file(&syntax);
    }
    let Reader { modules, references, .. } = reader;
    let import = |reference: &Reference| {
        let target = match resolve(&modules, &reference.module, &reference.segments, 0)? {
            Found::In(owner) => Target::File(modules[&owner].file.clone()),
            Found::Outside(name) => Target::Outside(name),
        };
        let Reference { file, line, in_tests, re_export, .. } = reference;
        let import = Import { from: file.clone(), line: *line, target, in_tests: *in_tests, re_export: *re_export };
        (import.target != Target::File(file.clone())).then_some(import)
    };
    let found: BTreeSet<Import> = references.iter().filter_map(import).collect();
    found.into_iter().collect()
}

/// Whether an import makes two files depend on each other: tests do not, nor does a `mod.rs` that passes a name on. A
/// file may also use what the `mod.rs` of its own folder declares, which is the face of that room to those inside too.
pub(super) fn is_dependency(import: &Import) -> bool {
    let Target::File(target) = &import.target else { return false };
    let is_own_face = target.strip_suffix("mod.rs").is_some_and(|folder| import.from.starts_with(folder));
    !import.in_tests && !import.re_export && !is_own_face
}

/// Groups of files that depend on one another, directly or by way of others.
pub(super) fn circles(imports: &[Import]) -> Vec<Vec<String>> {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports.iter().filter(|import| is_dependency(import)) {
        if let Target::File(target) = &import.target {
            uses.entry(&import.from).or_default().insert(target);
        }
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> = uses.keys().map(|file| (*file, reachable(&uses, file))).collect();
    let joined = |one: &str, other: &str| reach.get(one).is_some_and(|reached| reached.contains(other));
    let circle = |file: &&str| -> Vec<String> {
        let others = reach[*file].iter().filter(|other| joined(other, file));
        others.map(|other| (*other).to_owned()).collect()
    };
    let found: BTreeSet<Vec<String>> = reach.keys().map(circle).filter(|circle| !circle.is_empty()).collect();
    found.into_iter().collect()
}

fn reachable<'a>(uses: &BTreeMap<&'a str, BTreeSet<&'a str>>, file: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = uses[file].iter().copied().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(uses.get(next).into_iter().flatten());
        }
    }
    reached
}

enum Found {
    /// In this module, or an item of it.
    In(ModulePath),
    /// In another crate.
    Outside(String),
}

/// Where a path leads that is written in a module; `None` for a name of the place itself.
fn resolve(
    modules: &BTreeMap<ModulePath, Module>,
    module: &[String],
    segments: &[String],
    aliases: usize,
) -> Option<Found> {
    let first = segments.first().filter(|_| aliases < ALIASES_MAX)?;
    let (mut at, mut rest) = match first.as_str() {
        "crate" => (root(module), &segments[1..]),
        "self" => (module.to_vec(), &segments[1..]),
        "super" => (module[..module.len().checked_sub(1)?].to_vec(), &segments[1..]),
        LIBRARY if !root(module).is_empty() => (Vec::new(), &segments[1..]),
        _ if modules.get(module).is_some_and(|here| here.names.contains_key(first)) => (module.to_vec(), segments),
        _ if segments.len() > 1 && modules.contains_key(&child(module, first)) => (module.to_vec(), segments),
        _ => return by_globs(modules, module, segments, aliases),
    };
    while let Some(next) = rest.first() {
        if next == "super" {
            at.pop()?;
        } else if modules.contains_key(&child(&at, next)) {
            at.push(next.clone());
        } else if let Some(origin) = modules.get(&at).and_then(|here| here.names.get(next)) {
            let whole: Vec<String> = origin.iter().chain(&rest[1..]).cloned().collect();
            return match resolve(modules, &at, &whole, aliases + 1) {
                // What another crate gives is passed on from here.
                Some(Found::Outside(_)) if at != module => Some(Found::In(at)),
                found => found,
            };
        } else {
            break;
        }
        rest = &rest[1..];
    }
    // A bare `self`, `super` or `crate`, as in `pub(super)`, uses nothing.
    (segments.len() > 1 && modules.contains_key(&at)).then_some(Found::In(at))
}

/// A name that may come from a module all of whose names are used, else from another crate.
fn by_globs(
    modules: &BTreeMap<ModulePath, Module>,
    module: &[String],
    segments: &[String],
    aliases: usize,
) -> Option<Found> {
    let here = modules.get(module)?;
    for glob in here.globs.iter().filter(|glob| glob.len() < ALIASES_MAX) {
        let Some(Found::In(origin)) = resolve(modules, module, &glob[..], aliases + 1) else { continue };
        if origin != module && modules[&origin].names.contains_key(&segments[0]) {
            return resolve(modules, &origin, segments, aliases + 1);
        }
    }
    (segments.len() > 1).then(|| Found::Outside(segments[0].clone()))
}

/// The crate that a module is in: the binary's file is a crate of its own.
fn root(module: &[String]) -> ModulePath {
    module.iter().take(1).filter(|first| *first == "main").cloned().collect()
}

fn child(module: &[String], name: &str) -> ModulePath {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

/// Collects modules, names and references of one file after another.
#[derive(Default)]
struct Reader {
    modules: BTreeMap<ModulePath, Module>,
    references: Vec<Reference>,
    file: String,
    module: ModulePath,
    in_tests: bool,
}

impl Reader {
    fn enter_file(&mut self, file: &str) {
        let path = file.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        self.module = path.split('/').filter(|part| *part != "lib").map(str::to_owned).collect();
        self.file = file.to_owned();
        self.enter_module();
    }

    fn enter_module(&mut self) {
        let module = Module { file: self.file.clone(), ..Module::default() };
        self.modules.insert(self.module.clone(), module);
    }

    fn refer(&mut self, segments: Vec<String>, line: usize, re_export: bool) {
        let (module, file, in_tests) = (self.module.clone(), self.file.clone(), self.in_tests);
        self.references.push(Reference { module, file, line, segments, in_tests, re_export });
    }

    fn read_use(&mut self, tree: &syn::UseTree, before: &[String], re_export: bool) {
        match tree {
            syn::UseTree::Path(path) => self.read_use(&path.tree, &child(before, &path.ident.to_string()), re_export),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.read_use(tree, before, re_export));
            }
            syn::UseTree::Name(name) => self.read_name(&name.ident, &name.ident, before, re_export),
            syn::UseTree::Rename(rename) => self.read_name(&rename.ident, &rename.rename, before, re_export),
            syn::UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.here().globs.push(before.to_vec());
                self.refer(before.to_vec(), line, re_export);
            }
        }
    }

    fn read_name(&mut self, name: &syn::Ident, alias: &syn::Ident, before: &[String], re_export: bool) {
        let name_text = name.to_string();
        let (segments, alias) = match (name_text.as_str(), before.last()) {
            // `use crate::event::{self}` gives the name `event`.
            ("self", Some(last)) if alias == name => (before.to_vec(), last.clone()),
            ("self", Some(_)) => (before.to_vec(), alias.to_string()),
            _ => (child(before, &name_text), alias.to_string()),
        };
        if segments != [alias.clone()] {
            self.here().names.insert(alias, segments.clone());
        }
        self.refer(segments, name.span().start().line, re_export);
    }

    fn here(&mut self) -> &mut Module {
        self.modules.get_mut(&self.module).expect("a module is entered before it is read")
    }

    /// Paths among the tokens of a macro: words joined by `::`.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.end_path(&mut path, line);
                        line = word.span().start().line;
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                other => {
                    self.end_path(&mut path, line);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.read_tokens(group.stream());
                    }
                }
            }
        }
        self.end_path(&mut path, line);
    }

    fn end_path(&mut self, path: &mut Vec<String>, line: usize) {
        if path.len() > 1 {
            self.refer(path.clone(), line, false);
        }
        path.clear();
    }

    /// Whether these attributes say that what follows is for tests alone.
    fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
        let says = |attribute: &syn::Attribute| match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("cfg") => {
                list.tokens.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "test"))
            }
            meta => meta.path().is_ident("test"),
        };
        attributes.iter().any(says)
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let Some((_, items)) = &item.content else { return };
        let was_in_tests = self.in_tests;
        self.in_tests |= Reader::is_for_tests(&item.attrs);
        self.module.push(item.ident.to_string());
        self.enter_module();
        items.iter().for_each(|item| self.visit_item(item));
        self.module.pop();
        self.in_tests = was_in_tests;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let was_in_tests = self.in_tests;
        self.in_tests |= Reader::is_for_tests(&item.attrs);
        self.read_use(&item.tree, &[], !matches!(item.vis, syn::Visibility::Inherited));
        self.in_tests = was_in_tests;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let was_in_tests = self.in_tests;
        self.in_tests |= Reader::is_for_tests(&item.attrs);
        visit::visit_item_fn(self, item);
        self.in_tests = was_in_tests;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let line = path.segments.first().map_or(0, |segment| segment.ident.span().start().line);
        self.refer(segments, line, false);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.read_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}
