//! A page of the book, or the README, as its blocks of code, its headings and its links.

use crate::support::repository;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::path::{Path, PathBuf};

/// A page.
pub struct Page {
    /// Its file.
    pub file: PathBuf,
    /// Its file from the repository's folder on.
    pub name: String,
    /// Its fenced blocks.
    pub blocks: Vec<Block>,
    /// Its headings.
    pub headings: Vec<Heading>,
    /// Where its links lead.
    pub links: Vec<String>,
}

/// A fenced block of code.
pub struct Block {
    /// What stands behind the fence, such as `rust`.
    pub info: String,
    /// What is in it.
    pub text: String,
    /// The pieces of code that the comment above it names, each a file or FILE:ANCHOR; see `scripts/book-code.py`.
    pub sources: Vec<String>,
}

impl Block {
    /// The language alone.
    pub fn language(&self) -> &str {
        self.info.split(',').next().unwrap_or_default().trim()
    }
}

/// A heading.
#[derive(Default)]
pub struct Heading {
    /// Its text, without marks.
    pub text: String,
    /// The first piece of code in it: the name of what the entry is about.
    pub name: Option<String>,
    /// The anchor it gives itself, where it gives itself one.
    pub id: Option<String>,
    /// Whether there is a block of code below it, before the next heading.
    pub has_block: bool,
}

impl Heading {
    /// The anchor that mdBook gives it.
    pub fn anchor(&self) -> String {
        if let Some(id) = &self.id {
            return id.clone();
        }
        let kept = self.text.trim().chars().filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_ascii_lowercase()),
            _ => None,
        });
        kept.collect()
    }
}

impl Page {
    /// Reads a page.
    pub fn read(file: &Path) -> Page {
        let text = std::fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.strip_prefix(repository()).unwrap_or(file);
        let mut page = Page {
            file: file.to_owned(),
            name: name.display().to_string(),
            blocks: Vec::new(),
            headings: Vec::new(),
            links: Vec::new(),
        };
        let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
        let (mut block, mut heading) = (None, None);
        let mut sources = Vec::new();
        for event in Parser::new_ext(&text, options) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let (info, text) = (info.to_string(), String::new());
                    let sources = std::mem::take(&mut sources);
                    block = Some(Block {
                        info,
                        text,
                        sources,
                    });
                }
                Event::Html(html) => {
                    let comment = html.trim().strip_prefix("<!-- code: ");
                    let named = comment.and_then(|rest| rest.strip_suffix(" -->"));
                    sources.extend(
                        named
                            .unwrap_or_default()
                            .split_whitespace()
                            .map(str::to_owned),
                    );
                }
                Event::End(TagEnd::CodeBlock) => {
                    page.blocks.extend(block.take());
                    if let Some(heading) = page.headings.last_mut() {
                        heading.has_block = true;
                    }
                }
                Event::Start(Tag::Heading { id, .. }) => {
                    let id = id.map(|id| id.to_string());
                    heading = Some(Heading {
                        id,
                        ..Heading::default()
                    });
                }
                Event::End(TagEnd::Heading(_)) => page.headings.extend(heading.take()),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.to_string());
                }
                Event::Text(text) => {
                    if let Some(block) = &mut block {
                        block.text.push_str(&text);
                    }
                    if let Some(heading) = &mut heading {
                        heading.text.push_str(&text);
                    }
                }
                Event::Code(code) => {
                    if let Some(heading) = &mut heading {
                        heading.text.push_str(&code);
                        heading.name.get_or_insert_with(|| code.to_string());
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// The names of what it has entries for: the code of its headings.
    pub fn entries(&self) -> Vec<String> {
        let names = self
            .headings
            .iter()
            .filter_map(|heading| heading.name.clone());
        names.collect()
    }
}

/// The folder of the book's pages.
pub fn source() -> PathBuf {
    repository().join("docs/src")
}

/// A page of the book.
pub fn page(name: &str) -> Page {
    Page::read(&source().join(name))
}

/// Every page of the book.
pub fn pages() -> Vec<Page> {
    let mut files = Vec::new();
    collect(&source(), &mut files);
    files.sort();
    files.iter().map(|file| Page::read(file)).collect()
}

/// Every page of the book, and the README.
pub fn pages_and_readme() -> Vec<Page> {
    let mut pages = pages();
    pages.push(Page::read(&repository().join("README.md")));
    pages
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
}
