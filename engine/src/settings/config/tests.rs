use std::os::unix::fs::PermissionsExt;

use super::*;

fn read_text(text: &str) -> Result<Config> {
    Ok(read::read(text, Path::new("config.toml"))?)
}

fn fault(text: &str) -> String {
    let error = read_text(text).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    format!("{} | {}", error.message(), error.hint_text().unwrap_or_default())
}

/// The sample with what stands behind a # without a space switched on.
fn sample() -> String {
    fn on(line: &str) -> Option<&str> {
        let line = line.strip_prefix('#')?;
        let key = line.split(" = ").next()?;
        let word = key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (line.starts_with('[') || (line.contains(" = ") && word)).then_some(line)
    }
    let lines: Vec<&str> = Config::sample().lines().map(|line| on(line).unwrap_or(line)).collect();
    lines.join("\n")
}

#[test]
fn the_sample_says_nothing_and_with_its_defaults_switched_on_it_says_the_same() {
    assert_eq!(read_text(Config::sample()).unwrap(), Config::default());
    let on = sample();
    assert!(on.contains("\nlog_days = 14\n") && on.contains("\n[notify]\n"), "{on}");
    assert_eq!(read_text(&on).unwrap(), Config::default());
}

#[test]
fn every_key_is_in_the_sample_and_its_examples_are_right() {
    let text = sample();
    // Examples are switched on as well, in the tables in which they stand.
    let text = text.lines().map(|line| {
        let example = line.strip_prefix("# ").filter(|rest| {
            rest.starts_with("[[") || rest.split_once(" = ").is_some_and(|(k, _)| !k.contains(' '))
        });
        format!("{}\n", example.unwrap_or(line))
    });
    let text: String = text.collect();
    let config = read_text(&text).unwrap();
    assert_eq!(config.watch.len(), 1);
    let usual = Watch {
        sources: vec![],
        set: Default::default(),
        include: vec![],
        ignore: vec![],
        profile: None,
        output: None,
        name: String::new(),
        folder: PathBuf::new(),
        ..config.watch[0].clone()
    };
    assert_eq!(usual, Watch::default());
    let whole: toml::Table = text.parse().unwrap();
    let keys = |value: serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let watch = whole["watch"][0].as_table().unwrap();
    for (table, known) in [
        (
            whole["service"].as_table().unwrap(),
            keys(serde_json::to_value(Service::default()).unwrap()),
        ),
        (
            whole["notify"].as_table().unwrap(),
            keys(serde_json::to_value(Notify::default()).unwrap()),
        ),
        (watch, keys(serde_json::to_value(Watch::default()).unwrap())),
    ] {
        for key in known {
            assert!(table.contains_key(&key), "the sample lacks {key}");
        }
    }
}

#[test]
fn an_unknown_key_names_its_line_and_the_nearest_known_one() {
    let told = fault("\n[service]\nparalel_cpu = 2\n");
    assert_eq!(
        told,
        "config.toml, line 3: there is no key \"paralel_cpu\" in [service] | did you mean parallel_cpu?"
    );
    let told = fault("[servise]\n");
    assert!(told.contains("line 1") && told.contains("did you mean service?"), "{told}");
    let told = fault("[[watch]]\nname = \"a\"\nfolder = \"/a\"\nrule = \"foldr\"\n");
    assert!(told.contains("line 4: watch.rule") && told.contains("did you mean folder?"), "{told}");
}

#[test]
fn everything_that_is_wrong_is_listed() {
    let text = r#"
[service]
listen = "nowhere"
roots = ["videos"]
parallel_cpu = 0
retry_seconds = nan
max_uploads = -1
cors = ["example.org"]
tls_cert = "/cert.pem"
log_days = "many"

[notify]
on = ["don"]
webhook = "ftp://x"

[[watch]]
name = "In Box"
folder = "in"
pattern = "../{target}.{ext}"
include = ["[a"]
poll_seconds = 0

[[watch]]
name = "b"
folder = "/b"
pattern = "{targe}.png"
recursive = true

[[watch]]
name = "b"
folder = "/b/c"
priority = 5000
nonsense = 1
"#;
    let told = fault(text);
    for (line, word) in [
        (3, "service.listen"),
        (4, "service.roots"),
        (5, "service.parallel_cpu: 0 is out of range"),
        (6, "service.retry_seconds"),
        (7, "service.max_uploads"),
        (8, "service.cors"),
        (9, "service.tls_cert"),
        (10, "service.log_days"),
        (13, "did you mean done?"),
        (14, "notify.webhook"),
        (17, "watch.name"),
        (18, "watch.folder"),
        (19, "leads out"),
        (20, "watch.include"),
        (21, "watch.poll_seconds"),
        (26, "no {targe}"),
        (30, "two hot folders named b"),
        (31, "lie in each other"),
        (32, "watch.priority"),
        (33, "nonsense"),
    ] {
        let found = told.lines().any(|l| l.contains(&format!("line {line}: ")) && l.contains(word));
        assert!(found, "line {line} with {word} is not in:\n{told}");
    }
    assert!(told.starts_with("config.toml has 20 faults:"), "{told}");
}

#[test]
fn what_is_no_toml_is_told_by_line_and_a_table_is_one() {
    assert!(
        fault("[service]\nlisten = \n").contains("line 2"),
        "{}",
        fault("[service]\nlisten = \n")
    );
    assert!(fault("service = 1").contains("write it as [service]"));
    assert!(fault("[watch]\nname = \"a\"").contains("[[watch]]"));
    assert!(fault("watch = [1]").contains("[[watch]]"));
    assert!(fault("[service]\nlog_days = 1\nlog_days = 2\n").contains("line 3"));
}

#[test]
fn a_home_is_put_in_and_nested_settings_become_keys() {
    let text = "[[watch]]\nname = \"a\"\nfolder = \"~/in\"\nsources = [\"~/me.jpg\"]\n\
                set.swap.weight = 0.5\n[watch.set.video]\nquality = 90\n";
    let config = read_text(text).unwrap();
    let watch = &config.watch[0];
    assert!(watch.folder.is_absolute() && watch.folder.ends_with("in"), "{watch:?}");
    assert!(watch.sources[0].is_absolute());
    let keys: Vec<&str> = watch.set.keys().map(String::as_str).collect();
    assert_eq!(keys, ["swap.weight", "video.quality"]);
    assert_eq!(watch.output_folder(), watch.folder.join("output"));
    let inside = Watch { output: Some(".".into()), ..watch.clone() };
    assert_eq!(inside.output_folder(), watch.folder);
}

#[test]
fn no_file_is_the_default_and_an_unreadable_one_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Config::load(folder.path()).unwrap(), Config::default());
    std::fs::write(Config::path(folder.path()), b"\xff\xfe").unwrap();
    assert_eq!(Config::load(folder.path()).unwrap_err().exit_code(), 2);
}

fn watch(name: &str) -> Watch {
    Watch { name: name.into(), folder: format!("/in/{name}").into(), ..Watch::default() }
}

#[test]
fn hot_folders_are_added_and_removed_beside_comments_and_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = Config::path(folder.path());
    let text = "# Mine.\n\n# about a\n[[watch]]\nfolder = \"/in/a\" # here\nname = \"a\"\n\n\
                [service] # last\nlog_days = 3\n# the end\n";
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let mut added = watch("b");
    added.rule = Rule::Pair;
    added.sources = vec!["/faces/\"x\".jpg".into()];
    added.set.insert("swap.weight".into(), toml::Value::Float(0.5));
    let config = add_watch(folder.path(), &added).unwrap();
    assert_eq!(config.watch, [watch("a"), added.clone()]);
    assert_eq!(Config::load(folder.path()).unwrap(), config);
    let now = std::fs::read_to_string(&path).unwrap();
    for kept in ["# Mine.", "# about a", "# here", "[service] # last", "# the end"] {
        assert!(now.contains(kept), "{kept} is lost:\n{now}");
    }
    assert!(!now.contains("poll_seconds"), "{now}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let config = remove_watch(folder.path(), "a").unwrap();
    assert_eq!(config.watch, [added]);
    let now = std::fs::read_to_string(&path).unwrap();
    assert!(now.contains("# Mine.") && !now.contains("# about a"), "{now}");
    let config = remove_watch(folder.path(), "b").unwrap();
    assert_eq!((config.watch.len(), config.service.log_days), (0, 3));
    // Somebody was here meanwhile.
    std::fs::write(&path, "watch = [{ name = \"x\", folder = \"/x\" }]\n").unwrap();
    let config = add_watch(folder.path(), &watch("y")).unwrap();
    assert_eq!(config.watch.len(), 2);
    assert_eq!(remove_watch(folder.path(), "x").unwrap().watch, [watch("y")]);
}

#[test]
fn other_rules_keep_what_stands_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = Config::path(folder.path());
    let text = "# Mine.\n[[watch]]\n# which one\nname = \"a\" # here\nfolder = \"/in/a\"\n\
                priority = 5\nset.swap.weight = 0.5\n\n[service] # last\nlog_days = 3\n";
    std::fs::write(&path, text).unwrap();
    let mut changed = Watch { recursive: true, ..watch("a") };
    changed.set.insert("audio.keep".into(), toml::Value::Boolean(false));
    let config = change_watch(folder.path(), &changed).unwrap();
    assert_eq!((config.watch.as_slice(), config.service.log_days), (&[changed.clone()][..], 3));
    assert_eq!(Config::load(folder.path()).unwrap(), config);
    let now = std::fs::read_to_string(&path).unwrap();
    for kept in ["# Mine.", "# which one", "\"a\" # here", "[service] # last"] {
        assert!(now.contains(kept), "{kept} is lost:\n{now}");
    }
    assert!(!now.contains("priority") && !now.contains("swap.weight"), "{now}");
    // Within brackets, and one that is not there.
    std::fs::write(&path, "watch = [{ name = \"a\", folder = \"/in/a\" }]\n").unwrap();
    assert_eq!(change_watch(folder.path(), &changed).unwrap().watch, [changed.clone()]);
    assert_eq!(change_watch(folder.path(), &watch("b")).unwrap().watch, [changed]);
}

#[test]
fn pausing_keeps_what_stands_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = Config::path(folder.path());
    let text = "[[watch]]\nname = \"a\"\nfolder = \"/a\"\npaused = false # not now\n";
    std::fs::write(&path, text).unwrap();
    let config = set_watch_paused(folder.path(), "a", true).unwrap();
    assert!(config.watch[0].paused);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text.replace("false", "true"));
    set_watch_paused(folder.path(), "a", false).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    set_watch_paused(folder.path(), "nobody", true).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_new_file_is_the_owners_alone_and_a_broken_one_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("new/config");
    add_watch(&home, &watch("a")).unwrap();
    let path = Config::path(&home);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // The same name again would break it.
    let before = std::fs::read_to_string(&path).unwrap();
    assert_eq!(add_watch(&home, &watch("a")).unwrap_err().exit_code(), 2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    let broken = format!("{before}\nnonsense = [");
    std::fs::write(&path, &broken).unwrap();
    assert_eq!(remove_watch(&home, "a").unwrap_err().exit_code(), 2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    // A link stays one.
    let real = folder.path().join("dotfiles.toml");
    std::fs::write(&real, "# mine\n").unwrap();
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&real, &path).unwrap();
    add_watch(&home, &watch("b")).unwrap();
    assert!(std::fs::symlink_metadata(&path).unwrap().is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().starts_with("# mine\n"));
}
