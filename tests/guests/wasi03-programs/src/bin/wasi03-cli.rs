//! What a command is started with and how it ends. The first argument says what it does:
//!
//! - `words`: prints its arguments, its variables and its folder to begin in;
//! - `copy`: copies stdin to stdout, and says to stderr how much that was;
//! - `ask`: asks on stdout, keeps that open, and takes one byte of stdin as the answer;
//! - `drop`: lets go of stdin unread, and of stdout and stderr unwritten;
//! - `terminals`: says which of its streams are terminals;
//! - `fail`: returns an error; `exit CODE`: exits with a code; `exit-ok` and `exit-error`: exits with a result.

use wasi03_programs::bindings::wasi::cli::{
    environment, exit, stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout,
};
use wasi03_programs::bindings::wit_stream;
use wasi03_programs::say;
use wit_bindgen::StreamResult;

wasi03_programs::program!(super::run);

async fn run() -> Result<(), ()> {
    let words = environment::get_arguments();
    let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["words", ..] => tell_words().await,
        ["copy"] => copy().await,
        ["ask"] => ask().await,
        ["drop"] => let_go().await,
        ["terminals"] => terminals().await,
        ["fail"] => Err(()),
        ["exit", code] => {
            exit::exit_with_code(code.parse().map_err(|_| ())?);
            unreachable!("it has exited")
        }
        ["exit-ok"] => {
            exit::exit(Ok(()));
            unreachable!("it has exited")
        }
        ["exit-error"] => {
            exit::exit(Err(()));
            unreachable!("it has exited")
        }
        other => {
            eprintln!("no such words: {other:?}");
            Err(())
        }
    }
}

async fn tell_words() -> Result<(), ()> {
    let mut text = format!("arguments: {:?}\n", environment::get_arguments());
    for (name, value) in environment::get_environment() {
        text += &format!("{name} is {value}\n");
    }
    text += &format!("begins in {:?}\n", environment::get_initial_cwd());
    say(&text).await
}

async fn copy() -> Result<(), ()> {
    let (input, ended) = stdin::read_via_stream();
    let bytes = input.collect().await;
    ended.await.map_err(|_| ())?;
    let count = format!("{} bytes\n", bytes.len());
    say(&String::from_utf8(bytes).map_err(|_| ())?).await?;

    let (mut to, from) = wit_stream::new();
    let written = stderr::write_via_stream(from);
    to.write_all(count.into_bytes()).await;
    drop(to);
    written.await.map_err(|_| ())
}

async fn ask() -> Result<(), ()> {
    let (mut to, from) = wit_stream::new();
    let written = stdout::write_via_stream(from);
    to.write_all(b"yes or no? ".to_vec()).await;

    let (mut input, ended) = stdin::read_via_stream();
    let (result, answer) = input.read(Vec::with_capacity(1)).await;
    assert_eq!(result, StreamResult::Complete(1));
    drop(input);
    ended.await.map_err(|_| ())?;

    to.write_all([answer.as_slice(), b"\n"].concat()).await;
    drop(to);
    written.await.map_err(|_| ())
}

async fn let_go() -> Result<(), ()> {
    let (input, ended) = stdin::read_via_stream();
    drop(input);
    ended.await.map_err(|_| ())?;
    for write in [stdout::write_via_stream, stderr::write_via_stream] {
        let (to, from) = wit_stream::new();
        let written = write(from);
        drop(to);
        written.await.map_err(|_| ())?;
    }
    Ok(())
}

async fn terminals() -> Result<(), ()> {
    let found = [
        terminal_stdin::get_terminal_stdin().is_some(),
        terminal_stdout::get_terminal_stdout().is_some(),
        terminal_stderr::get_terminal_stderr().is_some(),
    ];
    say(&format!("stdin, stdout, stderr: {found:?}\n")).await
}
