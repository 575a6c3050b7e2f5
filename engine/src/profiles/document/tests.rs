use super::*;

fn complaints(text: &str) -> Vec<String> {
    let Complaints(all) = read(text, "x", Some(Path::new("x.toml"))).unwrap_err();
    all.iter().map(|c| format!("{c} ({})", c.hint.as_deref().unwrap_or_default())).collect()
}

#[test]
fn every_fault_has_its_line() {
    let text = "extends = 1\nmodel = \"mesh\"\n\n[swap]\npixel_boost = 5\nmodle = \"mesh\"\n\
                \n[fases]\nscore = 1\n\n[mask]\nkinds = [\n  \"box\",\n  \"boxx\",\n]\n\n\
                [[enhance]]\nmodel = \"a\"\n\n[[enhance]]\nblend = 7\n[run]\ndevice = -1\n";
    let all = complaints(text);
    let expected = [
        ("x.toml, line 1: extends", "extends = \"NAME\""),
        ("x.toml, line 2: there is no key or table \"model\"", "swap.model?"),
        ("x.toml, line 5: swap.pixel_boost: 5", "1, 2, 3, 4, 6, 8"),
        ("x.toml, line 6: there is no key \"modle\" in [swap]", "swap.model?"),
        ("x.toml, line 8: there is no key or table \"fases\"", "faces?"),
        ("x.toml, line 14: mask.kinds: there is no \"boxx\"", "did you mean box?"),
        ("x.toml, line 21: enhance: blend: 7 is out of range", "between 0 and 1"),
        ("x.toml, line 23: run.device: -1", "0 or more"),
    ];
    assert_eq!(all.len(), expected.len(), "{all:#?}");
    for (said, (place, hint)) in all.iter().zip(expected) {
        assert!(said.contains(place) && said.contains(hint), "{said} lacks {place} {hint}");
    }
}

#[test]
fn what_is_no_toml_has_its_line_too() {
    let all = complaints("[swap]\nmodel = mesh\n");
    assert!(all[0].starts_with("x.toml, line 2: "), "{all:?}");
    let all = complaints("[swap]\nmodel = \"a\"\nmodel = \"b\"\n");
    assert!(all[0].starts_with("x.toml, line 3: ") && all[0].contains("duplicate"), "{all:?}");
    let all = complaints("[run]\ndevice = 99999999999999999999\n");
    assert!(all[0].starts_with("x.toml, line 2: run.device"), "{all:?}");
    let all = complaints("swap = 3");
    assert!(all[0].contains("write it as [swap]"), "{all:?}");
}

#[test]
fn settings_know_where_they_stand() {
    let text = "description = \"d\"\nextends = \"roop\"\n[faces]\nsex = \"default\"\n\
                reference_picture = \"a.png\"\nscore = 1\n";
    let document = read(text, "x", Some(Path::new("/p/x.toml"))).unwrap();
    assert_eq!(document.extends, Some(("roop".into(), 2)));
    assert_eq!(document.description(), "d");
    let [_, sex, picture, score] = &document.settings[..] else { panic!("{document:?}") };
    assert_eq!((sex.key, &sex.value), ("faces.sex", &None));
    assert_eq!(picture.value.as_ref().unwrap().as_str(), Some("/p/a.png"));
    assert_eq!(score.origin.to_string(), "/p/x.toml, line 6");
    assert_eq!(document.inherited().len(), 3);
}

#[test]
fn unknown_keys_get_the_nearest_known_one() {
    for (name, hint) in [
        ("faces.modle", "facedeck profiles show"),
        ("faces.model", "swap.model?"),
        ("swpa.keep_eyes", "swap.keep_eyes?"),
        ("proccessors", "processors?"),
        ("extend", "extends?"),
    ] {
        let (_, said) = unknown_key(name);
        assert!(said.contains(hint), "{name}: {said}");
    }
}
