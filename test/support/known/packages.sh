# Tiny real packages, installed by the real package managers without any network.

# install_deb NAME VERSION
install_deb() {
  made=$(mktemp -d)
  mkdir -p "$made/DEBIAN" "$made/usr/share/$1"
  cat > "$made/DEBIAN/control" <<CONTROL
Package: $1
Version: $2
Architecture: all
Maintainer: Sandglass <tests@sandglass.invalid>
Description: a package of the tests
 In version $2.
CONTROL
  echo "$1 $2" > "$made/usr/share/$1/about.txt"
  dpkg-deb --root-owner-group --build "$made" "$made.deb" > /dev/null
  dpkg -i "$made.deb"
  rm -r "$made" "$made.deb"
}

# install_wheel NAME VERSION
install_wheel() {
  made=$(mktemp -d)
  module=$(echo "$1" | tr - _)
  mkdir "$made/$module"
  echo "__version__ = '$2'" > "$made/$module/__init__.py"
  echo "from setuptools import setup; setup(name='$1', version='$2', packages=['$module'])" > "$made/setup.py"
  pip install --no-index --no-build-isolation --break-system-packages --root-user-action=ignore "$made"
  rm -r "$made"
}

# place_npm FOLDER NAME VERSION: as `npm install` in FOLDER leaves it
place_npm() {
  mkdir -p "$1/node_modules/$2"
  printf '{\n  "name": "%s",\n  "version": "%s",\n  "main": "index.js"\n}\n' "$2" "$3" \
    > "$1/node_modules/$2/package.json"
  echo "module.exports = '$3';" > "$1/node_modules/$2/index.js"
}
