//! The token of the network: one secret for each home, made when it is first needed, that only its
//! owner can read.

use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::{Context, Error, Result};

/// Random bytes of a token.
const BYTES: usize = 32;
/// A token that people write themselves has at least so many letters...
const SHORTEST: usize = 32;
/// ...and at most so many.
const LONGEST: usize = 1024;

/// The token that clients of the network show.
#[derive(Clone)]
pub struct Token {
    text: String,
    hash: [u8; 32],
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    fn new(text: String) -> Self {
        let hash = hash(text.as_bytes());
        Token { text, hash }
    }

    /// The token itself, to be shown to its owner.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Whether a client showed this token. How long it takes says nothing about the token.
    pub fn is(&self, shown: &[u8]) -> bool {
        hash(shown).ct_eq(&self.hash).into()
    }
}

fn hash(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Where the token lies.
pub fn place(config: &Path) -> PathBuf {
    config.join("token")
}

/// The token of this home, from the file `token` in the configuration folder; a new one when there
/// is none.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when others can read the file or it holds no token; when it cannot
/// be read or written.
pub fn load_or_make(config: &Path) -> Result<Token> {
    let path = place(config);
    // Whoever loses the race against another process reads what that one wrote.
    for _ in 0..2 {
        match File::open(&path) {
            Ok(file) => return load(&path, file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let message = format!("cannot read the token {}", path.display());
                return Err(Error::failed(message).because(error));
            }
        }
        if let Some(token) = make(config, &path)? {
            return Ok(token);
        }
    }
    Err(Error::failed(format!("the token {} comes and goes", path.display())))
}

fn load(path: &Path, file: File) -> Result<Token> {
    let shown = path.display();
    let cannot = || format!("cannot read the token {shown}");
    let about = file.metadata().context(cannot)?;
    if about.mode() & 0o077 != 0 {
        let mode = about.mode() & 0o777;
        return Err(Error::usage(format!("others can read the token {shown} (mode {mode:o})"))
            .hint(format!("remove it, so that a new one is made, or: chmod 600 {shown}")));
    }
    let mut text = String::new();
    file.take(LONGEST as u64 + 2).read_to_string(&mut text).context(cannot)?;
    let text = text.trim();
    if !(SHORTEST..=LONGEST).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::usage(format!(
            "{shown} holds no token: {SHORTEST} to {LONGEST} letters, digits and signs"
        ))
        .hint("remove it, so that a new one is made"));
    }
    Ok(Token::new(text.to_owned()))
}

/// A new token in its file; nothing when somebody else made one in the meantime.
fn make(config: &Path, path: &Path) -> Result<Option<Token>> {
    let cannot = || format!("cannot write the token {}", path.display());
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).context(|| "the system gives no random numbers".into())?;
    let token = Token::new(URL_SAFE_NO_PAD.encode(bytes));
    std::fs::create_dir_all(config).context(cannot)?;
    // Whole or not at all: a crash leaves no half a token under this name.
    let mut file = tempfile::NamedTempFile::with_prefix_in(".token-", config).context(cannot)?;
    writeln!(file, "{}", token.text).context(cannot)?;
    file.as_file().sync_all().context(cannot)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(Some(token)),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(Error::failed(cannot()).because(error.error)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_is_made_once_and_only_its_owner_can_read_it() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        let token = load_or_make(&config).unwrap();
        assert_eq!(token.reveal().len(), 43);
        assert_eq!(load_or_make(&config).unwrap().reveal(), token.reveal());
        assert_eq!(std::fs::metadata(place(&config)).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&config).unwrap().count(), 1);
        assert!(token.is(token.reveal().as_bytes()));
        for wrong in ["", "x", &token.reveal()[1..], &format!("{} ", token.reveal())] {
            assert!(!token.is(wrong.as_bytes()), "{wrong}");
        }
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    #[test]
    fn two_homes_have_two_tokens() {
        let [a, b] = [0, 1].map(|_| {
            let home = tempfile::tempdir().unwrap();
            load_or_make(home.path()).unwrap().reveal().to_owned()
        });
        assert_ne!(a, b);
    }

    #[test]
    fn a_token_that_others_can_read_or_that_is_none_is_refused_and_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = place(home.path());
        load_or_make(home.path()).unwrap();
        for mode in [0o640, 0o604, 0o644] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = load_or_make(home.path()).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.hint_text().unwrap().contains("chmod 600"));
        }
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let long = "x".repeat(LONGEST + 1);
        for text in
            ["", "short", &"ä".repeat(30), &long, &format!("{} {}", &long[..20], &long[..20])]
        {
            std::fs::write(&path, text).unwrap();
            assert_eq!(load_or_make(home.path()).unwrap_err().exit_code(), 2, "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), *text);
        }
    }

    #[test]
    fn all_who_begin_at_once_get_the_same_token() {
        let home = tempfile::tempdir().unwrap();
        let tokens: Vec<String> = std::thread::scope(|scope| {
            let load = || load_or_make(home.path()).unwrap().reveal().to_owned();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(tokens.iter().all(|token| *token == tokens[0]));
    }
}
