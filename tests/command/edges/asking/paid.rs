//! What guests keep of HTTP is paid for by them.

use super::super::handlers::{BOTH, said, web};
use super::super::served::Served;
use super::granting;
use super::peer::Peer;

#[test]
fn what_a_guest_keeps_of_http_is_paid_by_it() {
    let all: [(&str, &[&str]); 2] = [
        ("HTTP02", &["fields", "bodies", "methods", "requests"]),
        // A body of 0.3 is a stream of the guest's own, which keeps nothing in the host.
        ("HTTP03", &["fields", "methods", "requests"]),
    ];
    for (guest, kinds) in all {
        let more = "limits = { host-bytes = \"8MiB\" }";
        let mut shop = Served::new(&web(guest, "answer-time = \"50s\"", more));
        for what in kinds {
            let (text, status) = shop.curl(&format!("/hoard?{what}"), &[]);
            assert_eq!(status, 500, "{guest} {what}: {text}");
            let hello = shop.curl("/hello", &[]);
            assert_eq!(hello, said("hello", 200), "{guest} {what}");
        }
        let log = shop.stop();
        let told = log.matches("its limit `host-bytes`").count();
        assert_eq!(told, kinds.len(), "{guest}: {log}");
    }
}

#[test]
fn requests_under_way_are_paid_for_and_others_fail_at_once() {
    let silent = Peer::saying("").address;
    for guest in BOTH {
        let granted = granting(&[&format!("http://{silent}")]);
        let more = format!("{granted}\nlimits = {{ host-bytes = \"8MiB\" }}");
        let mut shop = Served::new(&web(guest, "", &more));
        let (text, _) = shop.curl(&format!("/calls?http://{silent}/"), &[]);
        assert!(text.contains("ConnectionLimitReached"), "{guest}: {text}");
        let log = shop.stop();
        assert!(log.contains("host-bytes"), "{guest}: {log}");
    }
}
