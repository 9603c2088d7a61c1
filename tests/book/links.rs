//! Links lead somewhere, and every page is in the summary: mdBook itself does not look.

use crate::page::{Page, page, pages, pages_and_readme, source};
use std::collections::BTreeSet;

#[test]
fn every_link_leads_to_a_file_and_a_heading_of_it() {
    let mut broken = Vec::new();
    for page in pages_and_readme() {
        for link in &page.links {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.file.clone(),
                file => page.file.parent().unwrap().join(file),
            };
            if page.file.starts_with(source()) {
                // The built book is without the rest of the repository.
                let inside = target
                    .canonicalize()
                    .is_ok_and(|file| file.starts_with(source()));
                assert!(inside, "{}: {link} leads out of the book", page.name);
            }
            let is_page = target
                .extension()
                .is_some_and(|extension| extension == "md");
            let found = target.exists()
                && (anchor.is_empty() || is_page && has_anchor(&Page::read(&target), anchor));
            if !found {
                broken.push(format!("{}: {link}", page.name));
            }
        }
    }
    assert!(broken.is_empty(), "lead nowhere: {broken:#?}");
}

fn has_anchor(page: &Page, anchor: &str) -> bool {
    page.headings
        .iter()
        .any(|heading| heading.anchor() == anchor)
}

#[test]
fn a_page_has_no_two_headings_of_one_anchor() {
    for page in pages_and_readme() {
        let mut seen = BTreeSet::new();
        for heading in &page.headings {
            let anchor = heading.anchor();
            assert!(
                seen.insert(anchor.clone()),
                "{}: #{anchor} twice",
                page.name
            );
        }
    }
}

#[test]
fn every_page_is_in_the_summary() {
    let listed: BTreeSet<_> = page("SUMMARY.md").links.into_iter().collect();
    for page in pages() {
        let name = page.file.strip_prefix(source()).unwrap();
        let name = name.display().to_string();
        assert!(
            name == "SUMMARY.md" || listed.contains(&name),
            "{name} is not in SUMMARY.md"
        );
    }
}
