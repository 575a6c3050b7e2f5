#!/usr/bin/env bash
# Tests the networks' convolution for NEON on a machine that is no Arm:
#   tests/long/neon.sh [SHAPES]
# Builds engine/src/inference/winograd alone for 64-bit Arm, and runs its tests in QEMU: so many random
# shapes (1000 unless told) against the definition. Needs QEMU for programs and Rust for one more target:
#   apt-get install qemu-user && rustup target add aarch64-unknown-linux-musl
# On an Arm `cargo test` runs the same tests.
set -euo pipefail
shapes=${1:-1000}
root=$(cd "$(dirname "$0")/../.." && pwd)
kernel=$root/engine/src/inference/winograd
# Linked by Rust's own linker, and statically: no C compiler is needed, and no libraries of an Arm.
target=aarch64-unknown-linux-musl

missing() {
  echo "$1" >&2
  exit 2
}
[ -f "$kernel/mod.rs" ] || missing "there is no $kernel"
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) ||
  missing 'there is no qemu-aarch64: apt-get install qemu-user'
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] ||
  missing "this Rust does not build for $target: rustup target add $target"

crate=$(mktemp -d)
trap 'rm -rf "$crate"' EXIT
mkdir -p "$crate/src/inference"
cp -r "$kernel" "$crate/src/inference"
# What the project has locked.
cp "$root/Cargo.lock" "$crate"
{
  printf '[package]\nname = "neon"\nedition = "2024"\n[workspace]\n'
  sed -n '/^\[workspace\.dependencies\]/,/^$/p' "$root/Cargo.toml"
  echo '[dependencies]'
  grep -E '^(libc|proptest|serde) = ' "$root/engine/Cargo.toml"
  # As fast as in a release, but counting is checked.
  printf '[profile.test]\nopt-level = 3\n'
} >"$crate/Cargo.toml"
# All but the operator: there is no runtime here, so that its errors are stood in for, too.
{
  grep -E '^mod [a-z_]+;$' "$kernel/mod.rs" | grep -vx 'mod operator;'
  cat <<'RUST'

#[test]
fn neon_is_among_those_tested() {
    let names: Vec<_> = set::Set::here().iter().map(|set| set.name).collect();
    println!("sets: {}", names.join(", "));
    assert!(names.contains(&"neon"));
}
RUST
} >"$crate/src/inference/winograd/mod.rs"
rm "$crate/src/inference/winograd/operator.rs"
cat >"$crate/src/lib.rs" <<'RUST'
#![allow(dead_code)]
extern crate self as ort;

mod inference {
    pub fn for_tests() -> crate::Result<()> {
        Ok(())
    }

    mod winograd;
}

#[derive(Debug)]
pub struct Error(pub String);

impl Error {
    pub fn new(message: impl Into<String>) -> Self {
        Error(message.into())
    }
}

pub type Result<T> = std::result::Result<T, Error>;
RUST

cd "$crate"
export FACEDECK_SHAPES=$shapes
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER=$qemu
export CARGO_TARGET_DIR=$crate/target
cargo test --lib --target "$target" -- --nocapture
echo "ok   $shapes random shapes; $("$qemu" --version | head -n 1)"
