use super::*;

#[test]
fn the_environment_says_how_many_colors_there_are() {
    assert_eq!(Depth::of(false, "truecolor", "xterm-256color"), Depth::True);
    assert_eq!(Depth::of(false, "", "xterm-256color"), Depth::Indexed, "over SSH");
    assert_eq!(Depth::of(false, "", "tmux-256color"), Depth::Indexed);
    assert_eq!(Depth::of(false, "", "xterm"), Depth::Indexed);
    assert_eq!(Depth::of(false, "", "linux"), Depth::Sixteen);
    assert_eq!(Depth::of(true, "truecolor", "xterm-256color"), Depth::Mono);
    assert_eq!(Depth::of(false, "", "dumb"), Depth::Mono);
}

#[test]
fn a_terminal_that_tells_its_name_is_believed() {
    for name in ["XTerm(379)", "foot(1.13.1)", "kitty(0.26.5)", "iTerm2 3.5.0"] {
        assert!(has_all(name), "{name}");
    }
    for name in ["XTerm(300)", "XTerm(379", "tmux 3.3a", "st"] {
        assert!(!has_all(name), "{name}");
    }
}

/// Contrast of two colors. Source: WCAG 2.1, relative luminance.
fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let luminance = |rgb: [u8; 3]| {
        let [r, g, b] = rgb.map(|v| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

#[test]
fn every_text_can_be_read_on_every_ground() {
    for name in ["navy", "light"] {
        let theme = Theme::built_in(name, Depth::True).unwrap();
        let rgb = |role: Role| theme.shades[role as usize].rgb;
        for ground in [Role::Background, Role::Surface] {
            for role in Role::ALL.into_iter().skip(3).filter(|role| *role != Role::Dim) {
                let contrast = contrast(rgb(role), rgb(ground));
                assert!(contrast >= 4.4, "{name}: {role:?} on {ground:?} is {contrast:.1}");
            }
        }
        assert!(contrast(rgb(Role::Text), rgb(Role::Selection)) >= 7.0, "{name}");
    }
}

#[test]
fn without_color_there_is_bold_and_reverse_only() {
    let theme = Theme::navy(Depth::Mono);
    for role in Role::ALL {
        assert_eq!(theme.color(role), Color::Reset);
        assert_eq!((theme.style(role).fg, theme.style(role).bg), (None, None));
    }
    assert!(theme.selected(true).add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn a_file_changes_some_colors() {
    let mut file: ThemeFile =
        toml::from_str("base = \"light\"\nascii = true\n[colors]\nfocus = \"#ff8800\"").unwrap();
    let theme = Theme::of_file(&file, Depth::True).unwrap();
    assert_eq!(theme.color(Role::Focus), Color::Rgb(255, 136, 0));
    assert_eq!(
        theme.color(Role::Text),
        Theme::built_in("light", Depth::True).unwrap().color(Role::Text)
    );
    assert_eq!(theme.signs.state(State::Running), '>');
    let indexed = Theme::of_file(&file, Depth::Indexed).unwrap();
    assert_eq!(indexed.color(Role::Focus), Color::Indexed(208));
    file.colors.insert("focsu".into(), "red".into());
    let error = Theme::of_file(&file, Depth::True).unwrap_err();
    assert!(error.hint_text().unwrap().contains("focus"), "{error:?}");
    file.colors = [("focus".to_owned(), "reddish".to_owned())].into();
    assert!(Theme::of_file(&file, Depth::True).unwrap_err().message().contains("reddish"));
    file.base = Some("nvy".into());
    assert!(Theme::of_file(&file, Depth::True).unwrap_err().hint_text().unwrap().contains("navy"));
}

#[test]
fn ascii_is_ascii() {
    let signs = Signs { ascii: true };
    for state in State::ALL {
        assert!(signs.state(state).is_ascii());
    }
    assert!(signs.steps().iter().all(char::is_ascii));
    let border = signs.border();
    for line in [border.top_left, border.horizontal_top, border.vertical_left, signs.cut()] {
        assert!(line.is_ascii());
    }
}
