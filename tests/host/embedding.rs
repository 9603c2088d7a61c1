//! The program that the book shows works.

use crate::support::{block_on, guest_of, leaks};

#[path = "../../docs/embedding/words.rs"]
mod words;

#[test]
fn the_program_of_the_book_counts_words() {
    block_on(async {
        let host = words::host(&guest_of("words-count")).await.unwrap();
        leaks::watch(&host);
        let counts = words::count(&host, &["Tyger Tyger,", "burning bright"]).await;
        let wanted = [r#"["bright",1]"#, r#"["burning",1]"#, r#"["tyger",2]"#];
        assert_eq!(counts.unwrap(), wanted);
        words::end(&host).await;
    });
}
