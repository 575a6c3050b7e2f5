//! What a catalog entry must fulfill on its own, beyond having the right keys and types.

use std::path::{Component, Path};

use super::document::{Problem, suggestion};
use super::entry::{Entry, Origin, Role, WeightFile};
use super::input::Input;
use super::spec::{EnhancerSpec, SourceKind, SwapperSpec};

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
        weights(file, &format!("files[{i}]"))?;
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
        Some(spec) if swapper => swapper_spec(entry, spec),
        None if swapper => Err(Problem::new("swapper", "is missing: a swapper needs [swapper]")),
        Some(_) => Err(Problem::new("swapper", "is for the role \"swapper\" alone")),
        None => Ok(()),
    }?;
    let enhancer = entry.role == Role::Enhancer;
    match &entry.enhancer {
        Some(spec) if enhancer => enhancer_spec(entry, spec),
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

fn weights(file: &WeightFile, at: &str) -> Checked {
    // A name with a folder in it could lead out of the folder with the weights.
    let mut parts = Path::new(&file.name).components();
    let plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(n)), None) if n == file.name.as_str());
    require(
        plain && !file.name.contains(['\\', ':']),
        &format!("{at}.name"),
        "must be the name of a file, without a folder",
    )?;
    require(
        file.bytes != Some(0),
        &format!("{at}.bytes"),
        "must not be 0; leave it out where it is not known",
    )?;
    let hash = file.sha256.len() == 64
        && file.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    require(hash, &format!("{at}.sha256"), "must be 64 lower-case hexadecimal digits")?;
    for (i, origin) in file.sources.iter().enumerate() {
        source(origin, &format!("{at}.sources[{i}]"))?;
    }
    Ok(())
}

fn source(origin: &Origin, at: &str) -> Checked {
    match origin {
        Origin::Url(url) => {
            // In the clear only what never leaves this machine.
            let clear = |rest: &&str| is_local(rest.split(['/', ':']).next().unwrap_or_default());
            let rest = url
                .strip_prefix("https://")
                .or_else(|| url.strip_prefix("http://").filter(clear))
                .unwrap_or_default();
            let host = rest.split('/').next().unwrap_or_default();
            let clean = !url.contains(|c: char| c.is_whitespace() || c.is_control());
            require(
                !host.is_empty() && rest.len() > host.len() + 1 && clean,
                &format!("{at}.url"),
                "must be https://HOST/PATH",
            )
        }
        Origin::Path(path) => {
            require(!path.as_os_str().is_empty(), &format!("{at}.path"), "must not be empty")
        }
        Origin::Wheel { package, version, member } => {
            for (key, value) in [("package", package), ("version", version), ("member", member)] {
                require(
                    !value.trim().is_empty(),
                    &format!("{at}.wheel.{key}"),
                    "must not be empty",
                )?;
            }
            Ok(())
        }
    }
}

/// Whether a host is this machine.
fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1")
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

/// The values for black and white.
fn range(range: [f32; 2], key: &str) -> Checked {
    let good = range.iter().all(|v| v.is_finite()) && range[0] != range[1];
    require(good, key, "black and white must be two different finite values")
}

fn filled(name: Option<&str>, key: &str) -> Checked {
    require(name != Some(""), key, "must not be empty; leave it out where there is none")
}

fn swapper_spec(entry: &Entry, spec: &SwapperSpec) -> Checked {
    range(spec.range, "swapper.range")?;
    require(!spec.source_input.is_empty(), "swapper.source_input", "must not be empty")?;
    let taken = entry.input.as_ref().is_some_and(|input| input.name == spec.source_input);
    require(!taken, "swapper.source_input", "is the name of the target's input")?;
    filled(spec.output.as_deref(), "swapper.output")?;
    filled(spec.mask_output.as_deref(), "swapper.mask_output")?;
    let both = spec.mask_output.is_some() && spec.mask_output == spec.output;
    require(!both, "swapper.mask_output", "is the name of the output with the crop")?;
    if spec.source == SourceKind::Image {
        let why = "is missing: a source that is a picture has to be aligned";
        require(spec.source_template.is_some(), "swapper.source_template", why)?;
        require(spec.source_size.is_some(), "swapper.source_size", why)?;
        require(
            spec.converter.is_none(),
            "swapper.converter",
            "converts vectors, and the source is a picture",
        )?;
    } else {
        let why = "is for sources that are pictures";
        require(spec.source_template.is_none(), "swapper.source_template", why)?;
        require(spec.source_size.is_none(), "swapper.source_size", why)?;
    }
    let side = spec.source_size.unwrap_or(1);
    require((1..=LARGEST_SIDE).contains(&side), "swapper.source_size", "must be 1 to 8192 pixels")?;
    let emap = spec.source == SourceKind::Emap;
    require(
        !emap || spec.converter.is_none(),
        "swapper.converter",
        "does not go with an emap, which converts already",
    )?;
    if let Some(converter) = &spec.converter {
        require(
            entry.needs.contains(converter),
            "swapper.converter",
            "must be listed in needs as well",
        )?;
    }
    let itself = spec.single_precision.as_ref() == Some(&entry.id);
    require(!itself, "swapper.single_precision", "is the entry itself")
}

fn enhancer_spec(entry: &Entry, spec: &EnhancerSpec) -> Checked {
    range(spec.range, "enhancer.range")?;
    filled(spec.output.as_deref(), "enhancer.output")?;
    filled(spec.weight_input.as_deref(), "enhancer.weight_input")?;
    let taken = spec.weight_input.is_some()
        && spec.weight_input.as_ref() == entry.input.as_ref().map(|i| &i.name);
    require(!taken, "enhancer.weight_input", "is the name of the picture's input")
}
