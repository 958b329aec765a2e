//! The curated lexicon: which words and phrases speak for which concept, and how strongly. Finds them in a text; what
//! they add up to is told in [`super::tally`]. The file format is told in [`super::lexicon_file`].

use crate::classify::data::Origin;
use crate::classify::text::{CaseStyle, Gap, Shape, Text, Token, hash_phrase, hash_word};

use super::table::Table;
use super::taxonomy::ConceptId;

/// Words of the longest phrase; bounds the look-ahead at every word.
pub(super) const TERM_WORDS_MAX: usize = 6;

/// The terms of one language.
#[derive(Debug, Clone)]
pub(super) struct Lexicon {
    nodes_by_hash: Table,
    nodes: Vec<Node>,
}

/// A phrase, or the beginning of one.
#[derive(Debug, Clone, Default)]
struct Node {
    terms: Vec<Term>,
    extends: bool,
}

/// A phrase speaking for a concept, or against it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Term {
    /// What it speaks for.
    pub(super) concept: ConceptId,
    /// How strongly; below zero it speaks against.
    pub(super) weight: f32,
    /// Where it was written.
    pub(super) origin: Origin,
}

/// A phrase as a lexicon file writes it, cut into folded words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phrase {
    pub(super) words: Vec<String>,
    pub(super) case: Case,
}

/// How the first word of a phrase must stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Any way.
    Any,
    /// With a capital: `Fed`, not `fed`.
    Capital,
    /// In capitals: `WHO`, not `Who`.
    Upper,
}

/// A phrase found in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// The phrase; [`Lexicon::terms`] gives what it speaks for.
    pub(super) node: u32,
    /// Its first and last word, as places in [`Text::tokens`].
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Lexicon {
    pub(super) fn new() -> Self {
        Lexicon { nodes_by_hash: Table::with_capacity(1 << 14), nodes: Vec::new() }
    }

    /// Adds a term; the same phrase for the same concept replaces what was there, so that a later file overrides.
    pub(super) fn add(&mut self, phrase: &Phrase, term: Term) {
        let mut hash = mark(hash_word(&phrase.words[0]), phrase.case);
        for word in &phrase.words[1..] {
            let node = self.node(hash);
            self.nodes[node].extends = true;
            hash = hash_phrase(hash, hash_word(word));
        }
        let node = self.node(hash);
        let terms = &mut self.nodes[node].terms;
        match terms.iter_mut().find(|known| known.concept == term.concept) {
            Some(known) => *known = term,
            None => terms.push(term),
        }
    }

    /// What a phrase speaks for.
    pub(super) fn terms(&self, hit: &Hit) -> &[Term] {
        &self.nodes[hit.node as usize].terms
    }

    /// Every phrase between two words of a text, the longest at each place; no word is read for two phrases.
    pub(super) fn find(&self, text: &Text<'_>, from: usize, to: usize, hits: &mut Vec<Hit>) {
        let tokens = &text.tokens()[from..to];
        let mut at = 0;
        while at < tokens.len() {
            match self.longest(text, &tokens[at..]) {
                Some((node, words)) => {
                    let first = (from + at) as u32;
                    hits.push(Hit { node, first, last: first + words as u32 - 1 });
                    at += words;
                }
                None => at += 1,
            }
        }
    }

    /// The longest phrase at the start of `tokens`, and its number of words. Between equally long ones, the one that
    /// asks for capitals.
    fn longest(&self, text: &Text<'_>, tokens: &[Token]) -> Option<(u32, usize)> {
        let mut best = None;
        let cases: &[Case] = match (text.case_style(tokens[0].field), tokens[0].shape) {
            // Where case tells nothing, a term that asks for capitals is not there.
            (CaseStyle::Upper | CaseStyle::Lower, _) | (_, Shape::Lower) => &[Case::Any],
            (_, Shape::Upper) => &[Case::Upper, Case::Capital, Case::Any],
            _ => &[Case::Capital, Case::Any],
        };
        for &case in cases {
            let found = self.walk(tokens, mark(tokens[0].hash, case));
            if found.map(|(_, words)| words) > best.map(|(_, words)| words) {
                best = found;
            }
        }
        best
    }

    fn walk(&self, tokens: &[Token], mut hash: u64) -> Option<(u32, usize)> {
        let mut found = None;
        for words in 1..=tokens.len().min(TERM_WORDS_MAX) {
            let Some(node) = self.nodes_by_hash.get(hash) else { break };
            if !self.nodes[node as usize].terms.is_empty() {
                found = Some((node, words));
            }
            if !self.nodes[node as usize].extends {
                break;
            }
            match tokens.get(words) {
                Some(next) if next.gap < Gap::Comma => hash = hash_phrase(hash, next.hash),
                _ => break,
            }
        }
        found
    }

    fn node(&mut self, hash: u64) -> usize {
        if let Some(node) = self.nodes_by_hash.get(hash) {
            return node as usize;
        }
        self.nodes.push(Node::default());
        self.nodes_by_hash.insert(hash, self.nodes.len() as u32 - 1);
        self.nodes.len() - 1
    }
}

/// The hash a term that asks for capitals is kept under, so that `AIDS` and `aids` are two entries.
fn mark(hash: u64, case: Case) -> u64 {
    match case {
        Case::Any => hash,
        Case::Capital => hash_phrase(hash, 1),
        Case::Upper => hash_phrase(hash, 2),
    }
}
