//! Where `weft compose` writes to, and what becomes of what was there.

use super::{compose, linked, shown, stderr};
use crate::support::guest_of;
use std::fs::Permissions;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;

#[test]
fn a_package_that_was_found_beside_the_document_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let document = "package test:app;\n\
        let inner = new test:inner { ... };\n\
        let outer = new test:outer { run: inner.run, ... };\n\
        export outer.start;\n";
    std::fs::write(folder.join("app.wac"), document).unwrap();
    std::fs::create_dir(folder.join("test")).unwrap();
    for part in ["inner", "outer"] {
        let file = folder.join(format!("test/{part}.wasm"));
        std::fs::copy(guest_of(&format!("composed-{part}")), file).unwrap();
    }
    let part = std::fs::read(folder.join("test/inner.wasm")).unwrap();
    symlink("test/inner.wasm", folder.join("link.wasm")).unwrap();
    for output in ["test/inner.wasm", "link.wasm"] {
        let said = stderr(compose(folder, &["app.wac", "-o", output]), 2);
        assert!(said.contains("is what is composed"), "{said}");
        let left = std::fs::read(folder.join("test/inner.wasm")).unwrap();
        assert!(left == part, "{output} was written over");
    }
    stderr(compose(folder, &["app.wac", "-o", "app.wasm"]), 0);
}

#[test]
fn an_output_that_is_no_plain_file_is_written_through_and_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (link, transform) = (
        shown(guest_of("transform-link")),
        shown(guest_of("transform")),
    );
    linked(folder, &link, &transform, "plain.wasm");
    let whole = std::fs::read(folder.join("plain.wasm")).unwrap();

    let pipe = folder.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read(pipe).unwrap()
    });
    linked(folder, &link, &transform, "pipe");
    assert_eq!(reader.join().unwrap(), whole);
    assert!(std::fs::metadata(pipe).unwrap().file_type().is_fifo());

    // What the command has open is no name of the file that is shown there.
    let out = compose(folder, &[&link, "--plug", &transform, "-o", "/dev/stdout"]);
    assert_eq!(out.assert().success().get_output().stdout, whole);
    linked(folder, &link, &transform, "/dev/null");
    let null = std::fs::metadata("/dev/null").unwrap();
    assert!(null.file_type().is_char_device());

    let said = compose(folder, &[&link, "--plug", &transform, "-o", "."]);
    assert!(stderr(said, 2).contains("`.` is a folder"));
    assert_eq!(left_over(folder), ["pipe", "plain.wasm"]);
}

#[test]
fn an_output_with_several_names_has_the_new_content_under_each() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (link, transform) = (
        shown(guest_of("transform-link")),
        shown(guest_of("transform")),
    );
    linked(folder, &link, &transform, "plain.wasm");
    std::fs::write(folder.join("one"), "before").unwrap();
    std::fs::hard_link(folder.join("one"), folder.join("other")).unwrap();
    linked(folder, &link, &transform, "one");
    let content = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(content("other"), content("plain.wasm"));
    assert_eq!(content("one"), content("plain.wasm"));
    let left = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(left, 3, "nothing else is left there");
}

#[test]
fn an_output_of_another_owner_stays_that_owner_s() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (link, transform) = (
        shown(guest_of("transform-link")),
        shown(guest_of("transform")),
    );
    let theirs = folder.join("theirs");
    std::fs::write(&theirs, "before").unwrap();
    // Only root may give a file away; who else runs this has nothing to lose.
    if std::os::unix::fs::chown(&theirs, Some(1), Some(1)).is_err() {
        return;
    }
    linked(folder, &link, &transform, "theirs");
    let found = std::fs::metadata(&theirs).unwrap();
    assert_eq!((found.uid(), found.gid()), (1, 1));
    assert!(found.len() > 100);
}

#[test]
fn an_output_that_is_there_keeps_its_mode_and_the_links_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (link, transform) = (
        shown(guest_of("transform-link")),
        shown(guest_of("transform")),
    );
    linked(folder, &link, &transform, "plain.wasm");
    let whole = std::fs::read(folder.join("plain.wasm")).unwrap();

    let private = folder.join("private");
    std::fs::write(&private, "before").unwrap();
    std::fs::set_permissions(&private, Permissions::from_mode(0o600)).unwrap();
    std::fs::create_dir(folder.join("sub")).unwrap();
    symlink("../private", folder.join("sub/to")).unwrap();
    symlink("sub/to", folder.join("to-private")).unwrap();
    symlink("sub/new", folder.join("to-nothing")).unwrap();
    for out in ["to-private", "to-nothing"] {
        linked(folder, &link, &transform, out);
        let found = std::fs::symlink_metadata(folder.join(out)).unwrap();
        assert!(found.is_symlink(), "{out}");
    }
    for written in ["private", "sub/new"] {
        assert_eq!(std::fs::read(folder.join(written)).unwrap(), whole);
    }
    let mode = private.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let all = ["plain.wasm", "private", "sub", "to-nothing", "to-private"];
    assert_eq!(left_over(folder), all);
}

/// What is in a folder, sorted.
fn left_over(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn an_error_of_the_output_names_the_output_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (link, transform) = (
        shown(guest_of("transform-link")),
        shown(guest_of("transform")),
    );
    let said = stderr(
        compose(
            folder,
            &[&link, "--plug", &transform, "-o", "nowhere/x.wasm"],
        ),
        2,
    );
    assert_eq!(
        said,
        "error: cannot write `nowhere/x.wasm`: No such file or directory (os error 2)\n"
    );
}
