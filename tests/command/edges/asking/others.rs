//! Servers that nobody here wrote, and the example `api`.

use super::super::handlers::{BOTH, said, web};
use super::super::served::Served;
use super::{get, granting};
use crate::support::repository;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// Python's `http.server` over a folder, until it is dropped.
struct Python {
    child: Child,
    port: u16,
}

impl Python {
    fn new(folder: &std::path::Path) -> Self {
        let mut child = Command::new("python3")
            .args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"])
            .arg("--directory")
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut said).unwrap();
        let (_, port) = said.split_once(" port ").unwrap();
        let port = port.split_whitespace().next().unwrap().parse().unwrap();
        Self { child, port }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_guest_asks_pythons_server() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("there.txt"), "there").unwrap();
    let large = "0123456789".repeat(100_000);
    std::fs::write(folder.path().join("large.txt"), &large).unwrap();
    let python = Python::new(folder.path());
    let server = format!("http://localhost:{}", python.port);
    for guest in BOTH {
        let shop = Served::new(&web(guest, "", &granting(&[&server])));
        let there = get(&shop, &format!("{server}/there.txt"));
        assert_eq!(there, said("there", 200), "{guest}");
        let (body, status) = get(&shop, &format!("{server}/large.txt"));
        assert!(status == 200 && body == large, "{guest}: {status}");
        assert_eq!(get(&shop, &format!("{server}/none")).1, 404, "{guest}");
    }
}

#[test]
fn the_example_api_answers_as_its_readme_says() {
    let example = repository().join("examples/api");
    let readme = std::fs::read_to_string(example.join("README.md")).unwrap();
    let text = std::fs::read_to_string(example.join("weft.toml")).unwrap();
    // A port that is free, as the pattern of the right has to name it.
    let prices = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = prices.local_addr().unwrap().to_string();
    drop(prices);
    let repository = repository().display().to_string();
    let text = text
        .replace("../..", &repository)
        .replace("${LISTEN:-127.0.0.1:8080}", "127.0.0.1:0")
        .replace("${PRICES:-127.0.0.1:8081}", &address)
        .replace("[http.public", "[http.shop");
    let shop = Served::new(&text);
    for (asked, answer, status) in [
        ("/api/total?apple&pear", "{\"total\":95}", 200),
        (
            "/api/total?gold",
            "{\"error\":\"nobody sells `gold`\"}",
            404,
        ),
    ] {
        assert_eq!(shop.curl(asked, &[]), said(answer, status));
        for part in [asked, answer] {
            assert!(readme.contains(part), "its README has no {part}");
        }
    }
    // It reaches nothing else.
    assert_eq!(shop.curl("/api/other", &[]).1, 404);
}
