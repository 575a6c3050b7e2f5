//! A bug in one job is an error of that job, not the end of the process.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Result};

/// Does some work; a panic in it becomes an error that begins with `who`.
///
/// What the work was changing when it broke may be in any state: it has to be dropped, or be fit for
/// use whatever became of it.
///
/// # Errors
/// What the work says, or that it broke.
pub fn guarded<T>(who: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(Error::failed(format!("{who} broke: {}", message(panic.as_ref())))
            .hint("this is a bug in facedeck: please report it, with what the log says about it"))
    })
}

/// What a panic says; `panic!` gives text of one of two kinds.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it did not say why")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_in_its_own_words() {
        let told = |panic: fn() -> Result<()>| guarded("the tea", panic).unwrap_err().chain();
        assert_eq!(told(|| panic!("too hot")), "the tea broke: too hot");
        assert_eq!(told(|| panic!("{} too hot", 2)), "the tea broke: 2 too hot");
        assert_eq!(told(|| std::panic::panic_any(5)), "the tea broke: it did not say why");
        assert_eq!(told(|| Err(Error::usage("cold"))), "cold");
        assert_eq!(guarded("the tea", || Ok(5)).unwrap(), 5);
    }
}
