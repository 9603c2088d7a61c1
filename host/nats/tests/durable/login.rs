//! Who may use the server.

use std::path::Path;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use serde_json::json;
use weft_channel::{Strength, Unavailable, WriteError};
use weft_nats::{ConnectError, Login, Server, ServerConfig};

use crate::{common::Nats, support::*};

/// A server with this configuration, in this folder.
async fn server(folder: &Path, text: &str) -> Nats {
    let file = folder.join("nats.conf");
    std::fs::write(&file, text).unwrap();
    Nats::start_with(vec!["-c".into(), file.display().to_string()]).await
}

/// Uses a channel there.
async fn is_let_in(config: ServerConfig) {
    let server = soon(Server::connect(config)).await.unwrap();
    let orders = open(&server, 1000).await;
    let writer = orders.channel().open_writer(Strength::Weak).await;
    send(&writer.unwrap(), &["a"]).await;
}

/// Whoever waits as long as this one would hangs.
async fn is_refused(config: ServerConfig) {
    let config = config.patience(std::time::Duration::from_secs(3600));
    let error = soon(Server::connect(config.clone())).await;
    let error = error.expect_err("no connection");
    assert!(matches!(error, ConnectError::Refused(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("refuses the login"), "{text}");
    for shown in [format!("{error:?} {text}"), format!("{config:?}")] {
        assert!(!shown.contains("secret"), "{shown}");
    }
}

fn user(name: &str, password: &str) -> Login {
    Login::User {
        name: name.into(),
        password: password.into(),
    }
}

#[tokio::test]
async fn names_and_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let nats = server(
        folder.path(),
        "authorization { user: weft, password: secret }",
    )
    .await;
    is_let_in(nats.config().login(user("weft", "secret"))).await;
    let with = |login: &str| {
        nats.address()
            .replace("nats://", &format!("nats://{login}@"))
    };
    is_let_in(ServerConfig::new(with("weft:secret"))).await;
    is_refused(nats.config().login(user("weft", "secret wrong"))).await;
    is_refused(ServerConfig::new(with("weft:secretly"))).await;
    is_refused(nats.config()).await;
}

#[tokio::test]
async fn the_rights_that_the_book_says_are_enough() {
    let folder = tempfile::tempdir().unwrap();
    let rights = r#"["weft.>", "$KV.weft-orders.>", "$JS.API.>", "_INBOX.>"]"#;
    let text = format!(
        "authorization {{ users: [ {{ user: weft, password: secret, permissions: {{ publish: {rights}, subscribe: {rights} }} }} ] }}"
    );
    let nats = server(folder.path(), &text).await;
    let config = nats.config().login(user("weft", "secret"));
    let lease = std::time::Duration::from_secs(1);
    let (here, there) = (
        Server::connect(config.clone().lease(lease)).await.unwrap(),
        Server::connect(config.lease(lease)).await.unwrap(),
    );
    let (mine, theirs) = (open(&here, 4).await, open(&there, 4).await);
    let writer = writer(&mine.channel()).await;
    for part in 0..3 {
        // It goes on where it was, and what was read makes room.
        let reader = strong(&theirs.channel_as(at_most_once("billing"))).await;
        for frame in ["a", "b", "c", "d"] {
            let frame = format!("{frame}{part}");
            send(&writer, &[&frame]).await;
            assert_eq!(next(&reader).await, frame);
        }
    }
    // For as long as leases have to be renewed.
    tokio::time::sleep(lease * 2).await;
    send(&writer, &["e"]).await;
    assert_eq!(rest(&strong(&theirs.channel()).await).await, ["d2", "e"]);
}

#[tokio::test]
async fn tokens() {
    let folder = tempfile::tempdir().unwrap();
    let nats = server(folder.path(), "authorization { token: secret }").await;
    is_let_in(nats.config().login(Login::Token("secret".into()))).await;
    is_refused(nats.config().login(Login::Token("secret wrong".into()))).await;
}

#[tokio::test]
async fn seeds_of_nkeys() {
    let folder = tempfile::tempdir().unwrap();
    let (key, other) = (KeyPair::new_user(), KeyPair::new_user());
    let text = format!(
        "authorization {{ users: [ {{ nkey: {} }} ] }}",
        key.public_key()
    );
    let nats = server(folder.path(), &text).await;
    is_let_in(nats.config().login(Login::Seed(key.seed().unwrap()))).await;
    is_refused(nats.config().login(Login::Seed(other.seed().unwrap()))).await;
    is_refused(nats.config().login(Login::Seed("secret".into()))).await;
}

/// What an issuer says of somebody, signed.
fn claim(issuer: &KeyPair, subject: &KeyPair, nats: serde_json::Value) -> String {
    let part = |it: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(it.to_string());
    let head = part(json!({"typ": "JWT", "alg": "ed25519-nkey"}));
    let body = part(json!({
        "jti": "one",
        "iat": 1_700_000_000,
        "iss": issuer.public_key(),
        "sub": subject.public_key(),
        "name": "weft",
        "nats": nats,
    }));
    let signature = issuer.sign(format!("{head}.{body}").as_bytes()).unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
    format!("{head}.{body}.{signature}")
}

fn account(operator: &KeyPair, account: &KeyPair, storage: i64) -> String {
    let claims = json!({
        "type": "account",
        "version": 2,
        "limits": {
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
            "mem_storage": storage, "disk_storage": storage, "streams": storage, "consumer": storage,
        },
    });
    claim(operator, account, claims)
}

/// A file of credentials, as `nsc` makes them.
fn credentials(folder: &Path, account: &KeyPair) -> std::path::PathBuf {
    let user = KeyPair::new_user();
    let claims = json!({"type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": {}, "sub": {}});
    let text = format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        claim(account, &user, claims),
        user.seed().unwrap(),
    );
    let file = folder.join(format!("{}.creds", account.public_key()));
    std::fs::write(&file, text).unwrap();
    file
}

#[tokio::test]
async fn files_of_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let operator = KeyPair::new_operator();
    let [system, ours, other] = [(); 3].map(|()| KeyPair::new_account());
    let itself = claim(
        &operator,
        &operator,
        json!({"type": "operator", "version": 2}),
    );
    let text = format!(
        "operator: {itself}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{ {}: {}, {}: {} }}",
        system.public_key(),
        system.public_key(),
        account(&operator, &system, 0),
        ours.public_key(),
        account(&operator, &ours, -1),
    );
    let nats = server(folder.path(), &text).await;
    is_let_in(nats.config().credentials(credentials(folder.path(), &ours))).await;
    // Of an account that the server does not know.
    is_refused(
        nats.config()
            .credentials(credentials(folder.path(), &other)),
    )
    .await;
    let missing = nats.config().credentials("nowhere.creds");
    let error = Server::connect(missing).await.unwrap_err();
    assert!(error.to_string().contains("nowhere.creds"), "{error}");
    let file = folder.path().join("empty.creds");
    std::fs::write(&file, "secret").unwrap();
    let error = Server::connect(nats.config().credentials(file)).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("empty.creds"), "{error}");
}

#[tokio::test]
async fn a_login_that_ends_later_fails_calls_once_patience_does() {
    let folder = tempfile::tempdir().unwrap();
    let text = "authorization { user: weft, password: secret }";
    let mut nats = server(folder.path(), text).await;
    let patience = std::time::Duration::from_millis(300);
    let config = nats.config().login(user("weft", "secret"));
    let server = Server::connect(config.patience(patience)).await.unwrap();
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    send(&writer, &["a"]).await;
    nats.stop();
    let conf = folder.path().join("nats.conf");
    std::fs::write(&conf, text.replace("secret", "changed")).unwrap();
    nats.begin().await;
    let write = soon(writer.write("b".into())).await;
    assert_eq!(write, Err(WriteError::Unavailable(Unavailable)));
    nats.stop();
    std::fs::write(&conf, text).unwrap();
    nats.begin().await;
    soon(async { while writer.write("c".into()).await.is_err() {} }).await;
}
