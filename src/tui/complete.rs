//! A path that is being written goes on as far as there is one way.

use crate::service::files::FileKind;
use crate::service::wire::FileView;

use super::effect::Call;

/// A path with the folder of the user in place of `~`, where the service is `local`; the user of
/// another machine nobody here knows.
pub fn full(path: &str, local: bool) -> String {
    let home = std::env::home_dir().filter(|_| local);
    at_home(path, home.map(|home| home.display().to_string()).as_deref())
}

/// A path with this folder in place of `~`.
pub fn at_home(path: &str, home: Option<&str>) -> String {
    let path = path.trim();
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{}/{rest}", home.trim_end_matches('/')),
        _ => path.to_owned(),
    }
}

/// The folder in which a path lies, and its name there; none where it does not begin at the root.
pub fn parted(path: &str) -> Option<(&str, &str)> {
    let (folder, name) = path.rsplit_once('/').filter(|_| path.starts_with('/'))?;
    Some((if folder.is_empty() { "/" } else { folder }, name))
}

/// What has to be asked before a path can go on: what lies in its folder.
pub fn ask(path: &str) -> Option<Call> {
    let (folder, name) = parted(path)?;
    Some(Call::Files { path: folder.to_owned(), hidden: name.starts_with('.') })
}

/// The path as far as there is one way on, now that it is known what lies in this folder; none
/// where it stays as it is.
pub fn complete(path: &str, folder: &str, entries: &[FileView]) -> Option<String> {
    let (before, begun) = parted(path)?;
    if before.trim_end_matches('/') != folder.trim_end_matches('/') {
        return None;
    }
    let fits: Vec<_> = entries.iter().filter(|entry| entry.name.starts_with(begun)).collect();
    let first = fits.first()?;
    let mut common = first.name.clone();
    for entry in &fits {
        let same = common.chars().zip(entry.name.chars()).take_while(|(a, b)| a == b);
        common = same.map(|(letter, _)| letter).collect();
    }
    if fits.len() == 1 && first.kind == FileKind::Folder {
        common.push('/');
    }
    let longer = common.len() > begun.len();
    longer.then(|| format!("{}/{common}", before.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::known;

    #[test]
    fn a_path_goes_on_as_far_as_there_is_one_way() {
        let entries = known::folder().entries;
        let on = |path: &str| complete(path, "/faces", &entries);
        assert_eq!(on("/faces/m").as_deref(), Some("/faces/me.jpg"));
        assert_eq!(on("/faces/o").as_deref(), Some("/faces/old/"), "on into a folder");
        assert_eq!(on("/faces/"), None, "there are many ways");
        assert_eq!(on("/faces/x"), None);
        assert_eq!(on("/films/m"), None, "another folder");
        assert_eq!(on("faces/m"), None);
        assert_eq!(complete("/m", "/", &entries).as_deref(), Some("/me.jpg"));
    }

    #[test]
    fn hidden_files_are_asked_for_by_their_dot() {
        let asked = |path: &str, hidden| Some(Call::Files { path: path.into(), hidden });
        assert_eq!(ask("/srv/mo"), asked("/srv", false));
        assert_eq!(ask("/.c"), asked("/", true));
        assert_eq!(ask("srv/mo"), None);
    }

    #[test]
    fn the_home_of_another_machine_is_not_guessed() {
        let home = std::env::home_dir().unwrap();
        assert_eq!(full(" ~/a.jpg", true), home.join("a.jpg").display().to_string());
        assert_eq!(full("~/a.jpg", false), "~/a.jpg");
    }
}
