#!/usr/bin/env bash
# Installs what is missing for the demo, the builds and the tests, and nothing else: Debian
# packages, the npm packages of package-lock.json, and third-party C sources, pinned by version and
# checksum, in third_party/ (ignored by git). Idempotent; silent and quick when there is nothing to
# do. As a user without root it names the packages to install.
set -euo pipefail
cd "$(dirname "$0")/.."

# command -> Debian package; the compilers bring their sanitizers' runtimes with them
DEBIAN_PACKAGES="gcc libc6-dev make clang clang-format libclang-rt-14-dev openssl gnutls-bin \
  valgrind gcc-arm-none-eabi libnewlib-arm-none-eabi libssl-dev libmbedtls-dev \
  gcc-riscv64-unknown-elf gcc-xtensa-lx106 \
  python3-cryptography-vectors python3-pip xz-utils"
WASM3_PACKAGE="react-native-webassembly@0.3.3" # its cpp/ folder is wasm3 0.5.0
WASM3_SHA512="c02f2bfc2e9b1dc5ac3599b3112eaf84c5f56daa3726d1b6148542f549f99139\
fd10a40137adea19518c683ee9a5efef9330fc68f4df8fd30a8ec89de26ed544"
LWIP_VERSION="2.1.3+dfsg1-2" # in Debian 12
LWIP_SHA256="0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24"
LITTLEFS_PACKAGE="littlefs-python==0.19.0" # its source archive holds littlefs 2.11
LITTLEFS_SHA256=4ce8c6eeeb2703abaf8cb60f2dab624b17af42b13df3dbc6c42d4142bad79a59
# The same built, for Python 3.11 to 3.13 on x86-64; elsewhere pip builds it from the sources.
LITTLEFS_WHEELS="71252f91d871357d2581473367840806c6dc05427e965e100f4b1433ae402c62 \
  53edd72cbce541939beec404a5509f4afc08ef694759201ffe91aff8adc5f254 \
  6a5a799297570241487bdf42de82fa8d238966f1af502f4f4f5b32bfc4d74676"
# What pip runs to read the description of the source archive.
PIP_BUILD="Cython==3.3.1 packaging==26.3 setuptools==84.2.1 setuptools_scm==10.3.4 \
  vcs-versioning==2.6.0 wheel==0.48.0"

LOG=$(mktemp)
trap 'rm -f "$LOG"' EXIT

fail() {
  echo "setup: $*" >&2
  exit 1
}

# run WHAT COMMAND...: says what it does; on failure prints the command and its last lines.
run() {
  local what=$1
  shift
  echo "setup: $what"
  if ! "$@" >"$LOG" 2>&1; then
    tail -n 20 "$LOG" >&2
    fail "failed: $*"
  fi
}

check_node() {
  command -v node >/dev/null || fail "Node.js 20 or newer is needed (https://nodejs.org)"
  command -v npm >/dev/null || fail "npm is needed; it comes with Node.js"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "Node.js 20 or newer is needed, this is $(node --version)"
}

missing_debian_packages() {
  local installed package
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $DEBIAN_PACKAGES \
    2>/dev/null || true)
  for package in $DEBIAN_PACKAGES; do
    grep -qx "$package installed" <<<"$installed" || printf '%s ' "$package"
  done
}

install_debian_packages() {
  command -v dpkg-query >/dev/null ||
    fail "this is not Debian: install the equivalents of: $DEBIAN_PACKAGES"
  local missing
  missing=$(missing_debian_packages)
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    fail "these Debian packages are missing; as root run:
  apt-get update && apt-get install -y --no-install-recommends $missing"
  fi
  export DEBIAN_FRONTEND=noninteractive
  run "reading Debian's package lists" apt-get update -q
  # shellcheck disable=SC2086
  run "installing $missing" apt-get install -y -q --no-install-recommends $missing
}

install_npm_packages() {
  local want have=""
  want=$(sha256sum package-lock.json | cut -d' ' -f1)
  [ ! -f node_modules/.wassl-lock ] || have=$(cat node_modules/.wassl-lock)
  [ "$want" != "$have" ] || return 0
  # npm ci would empty the folder that it leads to, which may be another work tree's.
  [ ! -L node_modules ] || fail "node_modules is a link to other packages than package-lock.json's"
  run "installing the npm packages of package-lock.json" npm ci --no-audit --no-fund
  echo "$want" >node_modules/.wassl-lock
}

# The stamp is written last, so an interrupted run starts over.
fetch_wasm3() {
  local stamp=third_party/wasm3/.sha512 folder archive
  [ -z "${WASM3_DIR:-}" ] || return 0
  [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$WASM3_SHA512" ] || return 0
  folder=$(mktemp -d)
  run "fetching wasm3 0.5.0 ($WASM3_PACKAGE)" \
    npm pack --silent --pack-destination "$folder" "$WASM3_PACKAGE"
  archive=$(echo "$folder"/*.tgz)
  echo "$WASM3_SHA512  $archive" | sha512sum --check --status ||
    fail "$WASM3_PACKAGE has another checksum than the pinned one; nothing was unpacked"
  rm -rf third_party/wasm3
  mkdir -p third_party/wasm3
  tar -xzf "$archive" -C third_party/wasm3 --strip-components=2 \
    --exclude='react-native-webassembly.*' package/cpp
  rm -rf "$folder"
  echo "$WASM3_SHA512" >"$stamp"
}

# The mirrors that this machine's apt knows, those of Debian 12 first.
debian_mirrors() {
  local all=(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages')
  { "${all[@]}" 'Release: bookworm' && "${all[@]}"; } | awk '!seen[$0]++'
}

# An apt of its own in FOLDER, which knows only the sources of Debian 12 at MIRROR, signed by
# Debian's keyring. The machine's own lists and hooks are left alone, its proxy settings hold.
private_apt() {
  local folder=$1 mirror=$2
  rm -rf "$folder"
  mkdir -p "$folder"/{state/lists/partial,cache/archives/partial}
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" \
    >"$folder/sources.list"
  cat >"$folder/apt.conf" <<EOF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::SourceList "$folder/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "$folder/state";
Dir::Cache "$folder/cache";
Acquire::Languages "none";
EOF
}

# download_source PACKAGE VERSION FOLDER: the files of a Debian source package, into FOLDER.
download_source() (
  package=$1 version=$2 folder=$3
  cd "$folder"
  for mirror in $(debian_mirrors); do
    private_apt "$folder/apt" "$mirror"
    apt-get -q -c "$folder/apt/apt.conf" update || continue
    apt-get -q -c "$folder/apt/apt.conf" source --download-only "$package=$version" && exit 0
  done
  echo "no mirror that apt knows has the source package $package $version of Debian 12"
  exit 1
)

# fetch_debian_source PACKAGE VERSION SHA256: its upstream archive, which has that checksum,
# unpacked to third_party/PACKAGE. The stamp is written last.
fetch_debian_source() {
  local package=$1 version=$2 sha256=$3 stamp=third_party/$1/.sha256 folder archive
  [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$sha256" ] || return 0
  folder=$(mktemp -d)
  run "fetching the source of $package ${version%%[+-]*}" \
    download_source "$package" "$version" "$folder"
  archive=$(echo "$folder"/*.orig.tar.*)
  echo "$sha256  $archive" | sha256sum --check --status ||
    fail "$package $version has another checksum than the pinned one; nothing was unpacked"
  rm -rf "third_party/$package"
  mkdir -p "third_party/$package"
  tar -xf "$archive" -C "third_party/$package" --strip-components=1
  rm -rf "$folder"
  echo "$sha256" >"$stamp"
}

# pinned_pip VERB CHECKSUMS OPTIONS...: pip for LITTLEFS_PACKAGE alone, which must have one of the
# checksums; what it builds with has the versions of PIP_BUILD.
pinned_pip() (
  verb=$1 checksums=$2
  shift 2
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  printf '%s\n' $PIP_BUILD >"$folder/constraints"
  { printf '%s' "$LITTLEFS_PACKAGE" && printf ' --hash=sha256:%s' $checksums; } >"$folder/wanted"
  PIP_CONSTRAINT="$folder/constraints" python3 -m pip "$verb" --quiet --no-deps \
    --disable-pip-version-check --require-hashes "$@" -r "$folder/wanted"
)

# littlefs' C sources, out of the source archive of littlefs-python.
fetch_littlefs() {
  local stamp=third_party/littlefs/.sha256 folder
  [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$LITTLEFS_SHA256" ] || return 0
  folder=$(mktemp -d)
  run "fetching littlefs 2.11 ($LITTLEFS_PACKAGE)" \
    pinned_pip download "$LITTLEFS_SHA256" --no-binary littlefs-python --dest "$folder"
  rm -rf third_party/littlefs
  mkdir -p third_party/littlefs
  tar -xf "$folder"/*.tar.gz -C third_party/littlefs --strip-components=2 --wildcards \
    '*/littlefs/lfs*.[ch]' '*/littlefs/LICENSE.md' --exclude='*/src/*'
  rm -rf "$folder"
  echo "$LITTLEFS_SHA256" >"$stamp"
}

# littlefs-python itself: somebody else's hands on the same file systems, for the tests.
install_littlefs_python() {
  local stamp=third_party/littlefs-python/.stamp want
  want="$LITTLEFS_SHA256 $(python3 --version)"
  [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$want" ] || return 0
  rm -rf third_party/littlefs-python
  run "installing $LITTLEFS_PACKAGE in third_party" pinned_pip install \
    "$LITTLEFS_WHEELS $LITTLEFS_SHA256" --target third_party/littlefs-python
  echo "$want" >"$stamp"
}

check_node
install_debian_packages
install_npm_packages
fetch_wasm3
fetch_debian_source lwip "$LWIP_VERSION" "$LWIP_SHA256"
fetch_littlefs
install_littlefs_python
