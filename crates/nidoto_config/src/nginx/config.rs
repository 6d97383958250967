//! A configuration as the server reads it: one file with everything that it includes.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use nidoto_core::{Pos, Words};

use super::parse::{Directive, parse};
use super::pass::Passes;
use crate::scan::{File, Found, Source, Spot};

/// Includes may be nested this deep.
const INCLUDES_MAX: usize = 16;
/// More directives are refused, so that includes of includes cannot blow a small folder up.
const NODES_MAX: usize = 400_000;
/// More patterns of includes are not looked for: each is a question to the disk.
const GLOBS_MAX: usize = 5_000;
/// Files that nginx ships: they hold no names, resolvers or upstreams.
const SHIPPED: [&str; 8] =
    ["mime.types", "fastcgi_params", "fastcgi.conf", "uwsgi_params", "scgi_params", "koi-utf", "koi-win", "win-utf"];

/// One file with everything that it includes, in the order of the server.
#[derive(Debug)]
pub struct Config {
    /// Directives; a child comes after its parent.
    pub nodes: Vec<Node>,
    /// Whether the file is the server's main file, so that nothing encloses it.
    pub is_main: bool,
    files: Vec<Arc<File>>,
    passes: OnceLock<Passes>,
    /// The blocks (`None`: the top) that a `resolver` stands in.
    resolvers: OnceLock<HashSet<Option<usize>>>,
    /// The blocks that a `zone` stands in.
    zones: OnceLock<HashSet<Option<usize>>>,
    only_resolver: OnceLock<Option<String>>,
    unread: OnceLock<Option<Spot>>,
    root_unread: OnceLock<Option<Spot>>,
}

/// A directive in its place: name, arguments and block are those of its file.
#[derive(Debug)]
pub struct Node {
    /// The file that holds it.
    pub file: Arc<File>,
    /// The position of the directive whose block holds it; includes are seen through.
    pub parent: Option<usize>,
    /// Includes in its block that could not be read. For the file itself: [`Config::unread`].
    pub unread: Vec<Spot>,
    parsed: Parsed,
    at: usize,
}

impl Deref for Node {
    type Target = Directive;

    fn deref(&self) -> &Directive {
        &self.parsed.1[self.at]
    }
}

impl Node {
    /// The first argument, or nothing.
    #[must_use]
    pub fn arg(&self) -> &str {
        self.args().first().map_or("", |word| &word.text)
    }

    /// Where a word of it stands.
    #[must_use]
    pub fn spot(&self, word: usize) -> Spot {
        let bytes = self.words.get(word).or(self.words.first()).map_or(0..0, |word| word.bytes.clone());
        Spot::new(&self.file, bytes)
    }

    /// From its name to its last word.
    #[must_use]
    pub fn whole(&self) -> Spot {
        let start = self.words.first().map_or(0, |word| word.bytes.start);
        let end = self.words.last().map_or(0, |word| word.bytes.end);
        Spot::new(&self.file, start..end)
    }
}

impl Config {
    /// The files that it was read from.
    pub fn files(&self) -> impl Iterator<Item = &Arc<File>> {
        self.files.iter()
    }

    /// The directives around one, from the inside out.
    pub fn around(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.nodes[node].parent, |at| self.nodes[*at].parent)
    }

    /// Where it connects to.
    #[must_use]
    pub fn passes(&self) -> &Passes {
        self.passes.get_or_init(|| Passes::of(self))
    }

    /// Whether `resolver` stands in a block around a directive, or beside it.
    #[must_use]
    pub fn has_resolver(&self, node: usize) -> bool {
        let is_on = |node: &&Node| node.name() == "resolver" && node.arg() != "off";
        let blocks = self.resolvers.get_or_init(|| self.nodes.iter().filter(is_on).map(|node| node.parent).collect());
        blocks.contains(&None) || self.around(node).any(|block| blocks.contains(&Some(block)))
    }

    /// The `resolver` of a configuration that names a single one: what is missing elsewhere is most likely the same.
    #[must_use]
    pub fn only_resolver(&self) -> Option<String> {
        let find = || {
            let named = self.nodes.iter().filter(|node| node.name() == "resolver" && node.arg() != "off");
            let mut named = named.map(|node| node.whole().text().to_owned());
            let first = named.next()?;
            named.all(|other| other == first).then_some(first)
        };
        self.only_resolver.get_or_init(find).clone()
    }

    /// Whether a `zone` stands directly in a block.
    #[must_use]
    pub fn has_zone(&self, block: usize) -> bool {
        let find = || self.nodes.iter().filter(|node| node.name() == "zone").map(|node| node.parent).collect();
        self.zones.get_or_init(find).contains(&Some(block))
    }

    /// Whether the innermost to outermost blocks around a directive were read in full, up to the main file.
    #[must_use]
    pub fn unread_around(&self, node: usize) -> Option<Spot> {
        let here = self.around(node).find_map(|at| self.nodes[at].unread.first().cloned());
        here.or_else(|| self.root_unread())
    }

    /// An include anywhere that could not be read.
    #[must_use]
    pub fn unread(&self) -> Option<&Spot> {
        self.unread.get_or_init(|| self.nodes.iter().find_map(|node| node.unread.first().cloned())).as_ref()
    }

    /// An include at the top of the file that could not be read.
    fn root_unread(&self) -> Option<Spot> {
        let is_at_top = |node: &&Node| node.parent.is_none() && node.name() == "include";
        let find = || self.nodes.iter().filter(is_at_top).find_map(|node| node.unread.first().cloned());
        self.root_unread.get_or_init(find).clone()
    }
}

type Parsed = Arc<(Arc<File>, Vec<Directive>)>;

/// Reads configurations: each main file with its includes, and each file that none includes.
pub fn load(files: &[Arc<File>], source: &dyn Source, unread: &mut Vec<(String, Words)>) -> Vec<Config> {
    let mut loader =
        Loader { source, parsed: HashMap::new(), faults: Vec::new(), stack: Vec::new(), globs: HashMap::new() };
    for file in files {
        loader.admit(file);
    }
    let is_main = |parsed: &Parsed| {
        parsed.1.iter().any(|d| d.parent.is_none() && ["http", "events", "stream", "mail"].contains(&d.name()))
    };
    let own: Vec<Parsed> = files.iter().filter_map(|file| loader.parsed.get(&file.path).cloned().flatten()).collect();
    let (mains, fragments): (Vec<Parsed>, Vec<Parsed>) = own.into_iter().partition(is_main);
    let mut configs: Vec<Config> = mains.iter().map(|main| loader.config(main, true)).collect();
    // A fragment that another file includes is looked at in its place.
    let seen: HashSet<String> = configs.iter().flat_map(Config::files).map(|file| file.path.clone()).collect();
    // A site that is available and the link that enables it are one file: what is read is the link.
    let linked: HashSet<&str> = configs.iter().flat_map(Config::files).map(|file| file.text.as_str()).collect();
    let is_read = |file: &File| {
        seen.contains(&file.path) || (file.folder().ends_with("sites-available") && linked.contains(file.text.as_str()))
    };
    let alone = fragments.iter().filter(|fragment| !is_read(&fragment.0));
    let parts: Vec<Config> = alone.map(|fragment| loader.config(fragment, false)).collect();
    let inner: HashSet<String> =
        parts.iter().flat_map(|part| part.files().skip(1)).map(|file| file.path.clone()).collect();
    configs.extend(parts.into_iter().filter(|part| !inner.contains(&part.files[0].path)));
    unread.append(&mut loader.faults);
    configs
}

struct Loader<'s> {
    source: &'s dyn Source,
    parsed: HashMap<String, Option<Parsed>>,
    faults: Vec<(String, Words)>,
    stack: Vec<String>,
    /// What patterns named: a file may include the same a thousand times.
    globs: HashMap<String, Option<Vec<String>>>,
}

impl Loader<'_> {
    fn admit(&mut self, file: &Arc<File>) -> Option<Parsed> {
        if let Some(known) = self.parsed.get(&file.path) {
            return known.clone();
        }
        let is_template = file.text.contains("{%") || file.text.contains("{{") || file.text.contains("<%");
        let parsed = match parse(&file.text) {
            Ok(directives) => Some(Arc::new((Arc::clone(file), directives))),
            Err((at, why)) => {
                let Pos { line, .. } = Pos::of(&file.text, at);
                let why = if is_template {
                    Words::new(
                        "a template, not nginx configuration yet",
                        "テンプレートで、まだ nginx の設定ではありません",
                    )
                } else {
                    Words::new(
                        format!("line {line}: not nginx configuration: {}", why.en),
                        format!("{line} 行目: nginx の設定として読めません: {}", why.ja),
                    )
                };
                self.faults.push((file.path.clone(), why));
                None
            }
        };
        self.parsed.insert(file.path.clone(), parsed.clone());
        parsed
    }

    fn open(&mut self, path: &str) -> Option<Parsed> {
        if let Some(known) = self.parsed.get(path) {
            return known.clone();
        }
        match self.source.read(path) {
            Found::Bytes(bytes) => self.admit(&File::new(path, String::from_utf8_lossy(&bytes).into_owned())),
            Found::Failed(why) => {
                self.faults.push((path.to_owned(), why));
                None
            }
            Found::Absent | Found::Unseen => None,
        }
    }

    fn config(&mut self, root: &Parsed, is_main: bool) -> Config {
        let mut config = Config {
            nodes: Vec::new(),
            is_main,
            files: Vec::new(),
            passes: OnceLock::new(),
            resolvers: OnceLock::new(),
            zones: OnceLock::new(),
            only_resolver: OnceLock::new(),
            unread: OnceLock::new(),
            root_unread: OnceLock::new(),
        };
        self.stack = Vec::new();
        self.expand(root, None, root.0.folder(), &mut config);
        config
    }

    fn expand(&mut self, parsed: &Parsed, parent: Option<usize>, prefix: &str, config: &mut Config) {
        let (file, directives) = &**parsed;
        if !config.files.iter().any(|known| known.path == file.path) {
            config.files.push(Arc::clone(file));
        }
        self.stack.push(file.path.clone());
        let mut places: Vec<usize> = Vec::with_capacity(directives.len());
        for (at, directive) in directives.iter().enumerate() {
            let inside = directive.parent.map_or(parent, |at| Some(places[at]));
            places.push(config.nodes.len());
            config.nodes.push(Node {
                file: Arc::clone(file),
                parent: inside,
                unread: Vec::new(),
                parsed: Arc::clone(parsed),
                at,
            });
            if directive.name() == "include" {
                self.include(config, inside, prefix);
            }
        }
        self.stack.pop();
    }

    /// Reads what the include that was pushed last names.
    fn include(&mut self, config: &mut Config, parent: Option<usize>, prefix: &str) {
        let at = config.nodes.len() - 1;
        let pattern = config.nodes[at].arg().to_owned();
        let own_folder = config.nodes[at].file.folder().to_owned();
        let is_shipped = SHIPPED.contains(&pattern.rsplit('/').next().unwrap_or(&pattern));
        let paths = self.resolve(&pattern, prefix, &own_folder, config.is_main);
        let mut is_read = paths.is_some();
        for path in paths.unwrap_or_default() {
            let too_much = self.stack.len() >= INCLUDES_MAX || config.nodes.len() >= NODES_MAX;
            if too_much || self.stack.contains(&path) {
                is_read = false;
                continue;
            }
            match self.open(&path) {
                Some(parsed) => self.expand(&parsed, parent, prefix, config),
                None => is_read = false,
            }
        }
        if !is_read && !is_shipped && !pattern.contains("modules-enabled") {
            let spot = config.nodes[at].whole();
            config.nodes[parent.unwrap_or(at)].unread.push(spot);
        }
    }

    /// The paths of an include; `None` where it cannot be known. Relative paths start at the main
    /// file's folder; for a fragment, whose main file is unknown, at the nearest folder that fits.
    fn resolve(&mut self, pattern: &str, prefix: &str, own: &str, is_main: bool) -> Option<Vec<String>> {
        let is_wild = pattern.contains(['*', '?', '[']);
        let join = |folder: &str| match folder {
            "" => pattern.to_owned(),
            folder => format!("{}/{pattern}", folder.trim_end_matches('/')),
        };
        if pattern.starts_with('/') || is_main {
            let full = if pattern.starts_with('/') { pattern.to_owned() } else { join(prefix) };
            let paths = self.glob(full)?;
            return (is_wild || !paths.is_empty()).then_some(paths);
        }
        let folders = std::iter::successors(Some(own), |folder| folder.rsplit_once('/').map(|(up, _)| up));
        let mut hits = folders.filter_map(|folder| self.glob(join(folder)));
        hits.find(|paths| !paths.is_empty())
    }

    fn glob(&mut self, pattern: String) -> Option<Vec<String>> {
        if self.globs.len() >= GLOBS_MAX && !self.globs.contains_key(&pattern) {
            return None;
        }
        let source = self.source;
        self.globs.entry(pattern).or_insert_with_key(|pattern| source.glob(pattern)).clone()
    }
}
