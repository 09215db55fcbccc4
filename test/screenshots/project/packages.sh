site=/usr/local/lib/python3.12/site-packages

# pip_package NAME VERSION KIB
pip_package() {
  pip_remove "$1"
  mkdir -p "$site/$1" "$site/$1-$2.dist-info"
  echo "__version__ = '$2'" > "$site/$1/__init__.py"
  head -c "$(($3 * 1024))" /dev/urandom > "$site/$1/_core.so"
  printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$1" "$2" > "$site/$1-$2.dist-info/METADATA"
  echo pip > "$site/$1-$2.dist-info/INSTALLER"
}

pip_remove() {
  rm -rf "$site/$1" "$site/$1"-*.dist-info
}

# deb_package NAME VERSION
deb_package() {
  made=$(mktemp -d)
  mkdir -p "$made/DEBIAN" "$made/usr/lib/x86_64-linux-gnu"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: Sandglass <demo@sandglass.invalid>\nDescription: a stand-in\n' \
    "$1" "$2" > "$made/DEBIAN/control"
  head -c 300K /dev/urandom > "$made/usr/lib/x86_64-linux-gnu/$1.so"
  dpkg-deb --root-owner-group --build "$made" "$made.deb" > /dev/null
  dpkg -i "$made.deb" > /dev/null
  rm -r "$made" "$made.deb"
}
