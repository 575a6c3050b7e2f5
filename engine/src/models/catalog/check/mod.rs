//! What a catalog entry must fulfill on its own, beyond having the right keys and types.

mod files;
mod spec;

use super::document::{Problem, suggestion};
use super::entry::{Entry, Role};
use super::input::Input;

/// The longest side of a crop that anything is made for.
const LARGEST_SIDE: usize = 8192;

type Checked = Result<(), Problem>;

/// Refuses with the first problem that is found.
pub(super) fn entry(entry: &Entry) -> Checked {
    id(&entry.id)?;
    let families = entry.role.families();
    if !families.contains(&entry.family.as_str()) {
        let what =
            format!("\"{}\" is no family of the role \"{}\"", entry.family, entry.role.name());
        return Err(Problem::new("family", what).hint(suggestion(&entry.family, families)));
    }
    require(!entry.summary.contains('\n'), "summary", "must be one line")?;
    for (i, file) in entry.files.iter().enumerate() {
        files::weights(file, &format!("files[{i}]"))?;
        let seen = entry.files[..i].iter().find(|f| f.name == file.name || f.sha256 == file.sha256);
        require(seen.is_none(), &format!("files[{i}]"), "the same name or hash is listed twice")?;
    }
    license(entry)?;
    for (i, need) in entry.needs.iter().enumerate() {
        let key = format!("needs[{i}]");
        require(*need != entry.id, &key, "a model cannot need itself")?;
        require(!entry.needs[..i].contains(need), &key, "is listed twice")?;
    }
    match (&entry.input, entry.role.takes_pictures()) {
        (None, true) => {
            return Err(Problem::new(
                "input",
                format!("is missing: a {} is fed with pictures", entry.role.name()),
            ));
        }
        (Some(_), false) => {
            return Err(Problem::new(
                "input",
                format!("a {} takes no pictures", entry.role.name()),
            ));
        }
        (Some(input), true) => picture(input, entry.role)?,
        (None, false) => {}
    }
    let swapper = entry.role == Role::Swapper;
    match &entry.swapper {
        Some(spec) if swapper => spec::swapper(entry, spec),
        None if swapper => Err(Problem::new("swapper", "is missing: a swapper needs [swapper]")),
        Some(_) => Err(Problem::new("swapper", "is for the role \"swapper\" alone")),
        None => Ok(()),
    }?;
    let enhancer = entry.role == Role::Enhancer;
    match &entry.enhancer {
        Some(spec) if enhancer => spec::enhancer(entry, spec),
        None if enhancer => {
            Err(Problem::new("enhancer", "is missing: an enhancer needs [enhancer]"))
        }
        Some(_) => Err(Problem::new("enhancer", "is for the role \"enhancer\" alone")),
        None => Ok(()),
    }
}

fn require(holds: bool, key: &str, what: &str) -> Checked {
    if holds { Ok(()) } else { Err(Problem::new(key, what)) }
}

/// Ids are typed on command lines and become names of files.
fn id(id: &str) -> Checked {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let starts = id.starts_with(|c: char| c.is_ascii_alphanumeric());
    require(
        starts && id.chars().all(plain),
        "id",
        "must be of a-z, 0-9, '.', '_' and '-' and begin with a letter or digit",
    )?;
    require(id.len() <= 64, "id", "must have 64 characters at most")
}

fn license(entry: &Entry) -> Checked {
    let name = entry.license.as_str();
    require(
        !name.trim().is_empty(),
        "license",
        "must not be empty; \"unknown\" where nobody says",
    )?;
    let unlisted = name == "unknown" || name.starts_with("LicenseRef-");
    let note = entry.license_note.as_deref().map(str::trim).unwrap_or_default();
    require(
        !unlisted || !note.is_empty(),
        "license_note",
        "is missing: say in one line what this license allows",
    )?;
    require(!note.contains('\n'), "license_note", "must be one line")?;
    require(
        name != "unknown" || !entry.commercial,
        "commercial",
        "must be false where the license is unknown",
    )
}

fn picture(input: &Input, role: Role) -> Checked {
    require(!input.name.is_empty(), "input.name", "must not be empty")?;
    require(input.depth() == 3, "input.shape", "must have 3 where the layout has the channels")?;
    require(input.shape[0] <= 1, "input.shape", "must begin with a batch of 1, or 0 for any")?;
    let (width, height) = input.size();
    let sides = 1..=LARGEST_SIDE;
    require(
        sides.contains(&width) && sides.contains(&height),
        "input.shape",
        "must have sides of 1 to 8192 pixels",
    )?;
    let square = !matches!(role, Role::Swapper | Role::Enhancer) || width == height;
    require(square, "input.shape", "must be square: crops are")?;
    require(input.mean.iter().all(|v| v.is_finite()), "input.mean", "must be finite")?;
    require(input.std.iter().all(|v| v.is_normal()), "input.std", "must be finite and not 0")
}
