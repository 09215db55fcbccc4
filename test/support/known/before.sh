#!/bin/sh
# Makes what change.sh changes, one part at a time.
set -eu
. /opt/known/packages.sh

apt() {
  install_deb apt-kept 1.0
  install_deb apt-upgraded 1.0
  install_deb apt-removed 1.0
}

pip_() {
  install_wheel pip-kept 1.0
  install_wheel pip-upgraded 1.0
  install_wheel pip-removed 1.0
}

npm() {
  mkdir -p /srv/app
  printf '{\n  "name": "app",\n  "version": "0.0.1"\n}\n' > /srv/app/package.json
  place_npm /srv/app npm-kept 1.0.0
  place_npm /srv/app npm-upgraded 1.0.0
  place_npm /srv/app npm-removed 1.0.0
  # The same package at two places, which an upgrade of one of them leaves in two versions.
  place_npm /srv/app npm-twice 1.0.0
  place_npm /srv/app/node_modules/npm-kept npm-twice 1.0.0
}

files() {
  mkdir -p /srv/known && cd /srv/known
  seq -f 'setting %g = on' 40 > changed.txt
  cp changed.txt kept.txt
  python3 /opt/known/picture.py 200 60 40 > picture.png
  cp picture.png kept.png
  seq 100000 > large.txt
  echo 'echo hello' > mode.sh
  echo 'echo hello' > setuid.sh
  echo mine > owner.txt
  echo touched > touched.txt
  : > empty.txt
  echo full > emptied.txt
  mkdir folder-mode && echo inside > folder-mode/inside.txt

  echo gone > removed.txt
  echo here > removed.txt.kept
  mkdir -p folder-removed/below folder-removed-not
  echo a > folder-removed/a.txt
  echo b > folder-removed/below/b.txt
  echo a > folder-removed-not/a.txt

  mkdir -p again/below later/below
  for folder in again later; do
    echo a > $folder/a.txt
    echo b > $folder/b.txt
    echo c > $folder/below/c.txt
  done
  echo returned > returned.txt

  echo file > file-to-folder
  mkdir folder-to-file && echo inside > folder-to-file/inside.txt
  echo file > file-to-link
  ln -s kept.txt link-to-file

  ln -s kept.txt retargeted
  ln -s kept.txt link-kept
  echo original > original.txt
  echo pair > pair-1.txt && ln pair-1.txt pair-2.txt
  echo first > first.txt && ln first.txt second.txt

  mkdir names && cd names
  echo 1 > 'with spaces.txt'
  echo 1 > 'größe-大小.txt'
  echo 1 > "$(printf 'new\nline.txt')"
  echo 1 > '-dash.txt'
  echo 1 > 'per%20cent.txt'
}

case $1 in
  pip) pip_ ;;
  *) "$1" ;;
esac
