//! Where RabbitMQ is, and how to run its programs: this system's, or that of another system in a directory.
//!
//! `DATELINE_RABBITMQ_ROOT` names such a directory, e.g. a Debian 13 made by debootstrap. Its programs run by `chroot`
//! in a mount namespace of their own, with our temporary directory, `/dev` and `/proc` bound into it: so every path
//! means the same in and out, the process id is the same, and the mounts are gone with the last process.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Applications that `rabbit` loads without naming them among its dependencies.
const UNDECLARED: [&str; 7] = ["rabbit", "rabbitmq_prelaunch", "rabbit_common", "systemd", "enough", "jsx", "syslog"];

const ENTER: &str = r#"
set -e
root=$1 shared=$2
shift 2
mkdir -p "$root$shared"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount --bind "$shared" "$root$shared"
exec chroot "$root" "$@"
"#;

/// A RabbitMQ that can be started.
pub struct Installation {
    root: Option<PathBuf>,
    /// The versioned directory with `sbin`, `escript` and `plugins`, as its own system names it.
    home: PathBuf,
}

impl Installation {
    /// Finds it, or panics with what to do.
    pub fn find() -> Installation {
        let root = std::env::var_os("DATELINE_RABBITMQ_ROOT").filter(|root| !root.is_empty()).map(PathBuf::from);
        let library = under(root.as_deref(), Path::new("/usr/lib/rabbitmq/lib"));
        let home = fs::read_dir(&library).ok().into_iter().flatten().flatten().map(|entry| entry.file_name());
        let Some(home) = home.max() else {
            panic!("no RabbitMQ in {}: install rabbitmq-server (apt-get install rabbitmq-server)", library.display())
        };
        Installation { root, home: Path::new("/usr/lib/rabbitmq/lib").join(home) }
    }

    /// A command that runs one of its system's programs.
    pub fn command(&self, program: impl Into<OsString>) -> Command {
        let Some(root) = &self.root else { return Command::new(program.into()) };
        let mut command = Command::new("unshare");
        // Without root's rights a user namespace lends them.
        if !rustix::process::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        command.args(["--mount", "sh", "-c", ENTER, "enter"]);
        command.arg(root).arg(std::env::temp_dir()).arg(program.into());
        command
    }

    /// Lays a tree of links with only the plugins that are needed and what they depend on.
    ///
    /// The Erlang machine looks for every module in every plugin's directory: with the sixty that Debian ships a start
    /// takes twice as long.
    pub fn shadow(&self, directory: &Path, plugins: &[&str]) {
        fs::create_dir_all(directory.join("plugins")).expect("the test's directory can be written");
        fs::create_dir_all(directory.join("sbin")).expect("the test's directory can be written");
        for script in self.entries("sbin") {
            fs::copy(under(self.root.as_deref(), &script), directory.join("sbin").join(name(&script)))
                .expect("the scripts of RabbitMQ can be read");
        }
        link(&self.home.join("escript"), &directory.join("escript"));
        for plugin in self.closure(plugins) {
            link(&plugin, &directory.join("plugins").join(name(&plugin)));
        }
    }

    /// The directories of the named plugins and of all they depend on.
    fn closure(&self, plugins: &[&str]) -> Vec<PathBuf> {
        let available = self.entries("plugins");
        let mut wanted: Vec<String> = UNDECLARED.iter().chain(plugins).map(|name| (*name).to_owned()).collect();
        let mut found = Vec::new();
        let mut next = 0;
        while let Some(application) = wanted.get(next).cloned() {
            next += 1;
            let is_it = |path: &&PathBuf| name(path).rsplit_once('-').is_some_and(|(name, _)| name == application);
            // What is not a plugin, such as `kernel`, comes with Erlang.
            let Some(path) = available.iter().find(is_it) else { continue };
            for dependency in self.dependencies(path, &application) {
                if !wanted.contains(&dependency) {
                    wanted.push(dependency);
                }
            }
            found.push(path.clone());
        }
        found
    }

    /// Reads `{applications, [kernel, stdlib, ...]}` of an application's description.
    fn dependencies(&self, plugin: &Path, application: &str) -> Vec<String> {
        let description = under(self.root.as_deref(), plugin).join("ebin").join(application).with_extension("app");
        let text = fs::read_to_string(&description).unwrap_or_default();
        let text: String = text.split_whitespace().collect();
        let list =
            text.split_once("{applications,[").and_then(|(_, rest)| rest.split_once(']')).map_or("", |(list, _)| list);
        list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn entries(&self, part: &str) -> Vec<PathBuf> {
        let inside = self.home.join(part);
        fs::read_dir(under(self.root.as_deref(), &inside))
            .unwrap_or_else(|error| panic!("{} of RabbitMQ cannot be read: {error}", inside.display()))
            .map(|entry| inside.join(entry.expect("a directory just opened can be listed").file_name()))
            .collect()
    }
}

/// Where the outside sees a path of the system in `root`.
fn under(root: Option<&Path>, path: &Path) -> PathBuf {
    match root {
        Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
        None => path.to_owned(),
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn link(target: &Path, at: &Path) {
    symlink(target, at).expect("the test's directory can be written");
}
