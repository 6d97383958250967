//! Names for plain objects by their properties: `{id, name, score}`. The rule is Chrome DevTools'
//! (`inferInterfaceDefinitions`, `applyInterfaceDefinitions`).

use crate::snapshot::Snapshot;
use crate::strings::Strings;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;

/// Longest name, in UTF-16 units, unless the first property alone is longer.
const NAME_MAX: usize = 120;

/// A list of properties that enough plain objects have in common.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Interface {
    pub(crate) name: String,
    properties: Vec<String>,
}

/// The interfaces of a snapshot, the most frequent first.
pub(crate) fn infer(snapshot: &Snapshot) -> Vec<Interface> {
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    let mut candidates: Vec<(Interface, u64)> = Vec::new();
    for shape in &snapshot.shapes.list {
        let Some(interface) = interface(&snapshot.strings, &shape.names) else { continue };
        match known.get(&interface.name) {
            Some(&i) => candidates[i].1 += shape.objects,
            None => {
                known.insert(interface.name.clone(), candidates.len());
                candidates.push((interface, shape.objects));
            }
        }
    }
    candidates.sort_by_key(|(_, objects)| std::cmp::Reverse(*objects));
    let total = snapshot.shapes.of.len() as u64;
    let is_frequent = |objects: u64| objects >= 2 && objects * 1000 >= total;
    candidates.into_iter().take_while(|(_, objects)| is_frequent(*objects)).map(|(interface, _)| interface).collect()
}

/// The interface that an object with these properties would found; `None` without properties.
fn interface(strings: &Strings, names: &[u32]) -> Option<Interface> {
    let mut name = String::from("{");
    let mut length = 1;
    let mut properties = Vec::new();
    for &index in names {
        let property = strings.get(index);
        if property == "__proto__" {
            continue;
        }
        let label = label(&property);
        let units = label.encode_utf16().count();
        if length > 1 && length + units > NAME_MAX {
            break;
        }
        if length != 1 {
            name.push_str(", ");
            length += 2;
        }
        name.push_str(&label);
        length += units;
        properties.push(property);
    }
    name.push('}');
    (!properties.is_empty()).then_some(Interface { name, properties })
}

/// A property's name, quoted as in JSON where it would be ambiguous.
fn label(property: &str) -> String {
    if property.contains([',', '\'', '"', '{', '}']) {
        return serde_json::to_string(property).unwrap_or_default();
    }
    property.to_owned()
}

/// Finds the interface that fits an object best.
pub(crate) struct Matcher {
    /// A trie over sorted property lists; the root is first.
    states: Vec<State>,
}

#[derive(Default)]
struct State {
    next: FxHashMap<String, usize>,
    /// Number of properties and index of the interface that ends here.
    interface: Option<(usize, usize)>,
    /// The greatest key of `next`.
    greatest: Option<String>,
}

impl Matcher {
    pub(crate) fn new(interfaces: &[Interface]) -> Matcher {
        let mut states = vec![State::default()];
        for (index, interface) in interfaces.iter().enumerate() {
            let mut state = 0;
            for property in sorted(interface.properties.clone()) {
                state = match states[state].next.get(&property) {
                    Some(&next) => next,
                    None => {
                        states.push(State::default());
                        let next = states.len() - 1;
                        let from = &mut states[state];
                        if from.greatest.as_deref().is_none_or(|greatest| compare(greatest, &property).is_lt()) {
                            from.greatest = Some(property.clone());
                        }
                        from.next.insert(property, next);
                        next
                    }
                };
            }
            states[state].interface.get_or_insert((interface.properties.len(), index));
        }
        Matcher { states }
    }

    /// The interface with the most properties that an object with these properties has all; of equals the first.
    pub(crate) fn best(&self, properties: Vec<String>) -> Option<usize> {
        let mut best: Option<(usize, usize)> = None;
        let mut active = vec![0];
        for property in sorted(properties) {
            for state in active.clone() {
                let from = &self.states[state];
                if from.greatest.as_deref().is_none_or(|greatest| compare(&property, greatest).is_ge()) {
                    active.retain(|&s| s != state);
                }
                let Some(&next) = from.next.get(&property) else { continue };
                if !active.contains(&next) {
                    active.push(next);
                }
                if let Some(found) = self.states[next].interface
                    && best.is_none_or(|b| found.0 > b.0 || (found.0 == b.0 && found.1 < b.1))
                {
                    best = Some(found);
                }
            }
        }
        best.map(|(_, index)| index)
    }
}

fn sorted(mut properties: Vec<String>) -> Vec<String> {
    properties.sort_by(|a, b| compare(a, b));
    properties
}

/// Orders strings by their UTF-16 units, as JavaScript does.
fn compare(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}
