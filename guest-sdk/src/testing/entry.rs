//! The log of a guest, as a test sees it.

use crate::bindings::weft::fabric::log as raw_log;
use crate::log::Level;

/// A log entry of a guest.
///
/// ```
/// use weft_guest::{log, testing};
/// testing::run(async {
///     let guest = testing::start(async { log::info!(lines = 3; "the input has ended") });
///     guest.wait().await;
///     let entry = &guest.log()[0];
///     assert_eq!((entry.level, &*entry.message), (log::Level::Info, "the input has ended"));
///     assert_eq!(entry.field("lines"), Some("3"));
/// });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How important it is.
    pub level: Level,
    /// What wrote it, such as a module path.
    pub target: String,
    /// The text.
    pub message: String,
    /// The fields, in the order in which they were written.
    pub fields: Vec<(String, String)>,
}

impl Entry {
    /// The value of a field.
    ///
    /// ```
    /// # use weft_guest::{log, testing};
    /// # testing::run(async {
    /// # let guest = testing::start(async { log::info!(lines = 3; "done") });
    /// # guest.wait().await;
    /// assert_eq!(guest.log()[0].field("lines"), Some("3"));
    /// # });
    /// ```
    pub fn field(&self, key: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find_map(|(known, value)| (known == key).then_some(&**value))
    }
}

impl From<&raw_log::Entry> for Entry {
    fn from(entry: &raw_log::Entry) -> Self {
        let fields = entry.fields.iter();
        Entry {
            level: match entry.level {
                raw_log::Level::Trace => Level::Trace,
                raw_log::Level::Debug => Level::Debug,
                raw_log::Level::Info => Level::Info,
                raw_log::Level::Warn => Level::Warn,
                raw_log::Level::Error => Level::Error,
            },
            target: entry.target.clone(),
            message: entry.message.clone(),
            fields: fields
                .map(|field| (field.key.clone(), field.value.clone()))
                .collect(),
        }
    }
}
