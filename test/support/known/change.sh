#!/bin/sh
# The known changes, one part at a time, or `all` of them, e.g. in a sandbox that is then captured.
set -eu
. /opt/known/packages.sh

apt() {
  install_deb apt-added 1.0
  install_deb apt-upgraded 2.0
  dpkg --purge apt-removed
}

pip_() {
  install_wheel pip-added 1.0
  install_wheel pip-upgraded 2.0
  pip uninstall --yes --break-system-packages --root-user-action=ignore pip-removed
}

npm() {
  place_npm /srv/app @known/npm-added 1.0.0
  place_npm /srv/app npm-upgraded 2.0.0
  place_npm /srv/app npm-twice 2.0.0
  rm -r /srv/app/node_modules/npm-removed
}

contents() {
  cd /srv/known
  # One line changed, one added at the end.
  sed -i 's/^setting 20 = on$/setting 20 = off/; $a setting 41 = on' changed.txt
  python3 /opt/known/picture.py 40 60 200 > picture.png
  seq 100001 > large.txt
  : > emptied.txt
  echo added > added.txt
  : > added-empty.txt
  mkdir -p added-folder/deep/er && echo deep > added-folder/deep/er/file.txt
  mkfifo added-pipe
}

metadata() {
  cd /srv/known
  chmod 755 mode.sh
  chmod 4755 setuid.sh
  chmod 700 folder-mode
  chown 1000:1000 owner.txt
  # No difference: times alone are none.
  touch -d 2001-02-03T04:05:06Z touched.txt
}

removals() {
  cd /srv/known
  rm removed.txt returned.txt
  rm -r folder-removed later
}

# A folder that is removed and made again within one layer is opaque there.
replacements() {
  cd /srv/known
  rm -r again && mkdir again
  echo b > again/b.txt
  echo d > again/d.txt
  rm file-to-folder && mkdir file-to-folder && echo inside > file-to-folder/inside.txt
  rm -r folder-to-file && echo file > folder-to-file
  rm file-to-link && ln -s kept.txt file-to-link
  rm link-to-file && echo file > link-to-file
}

# What an earlier layer has removed comes back.
returns() {
  cd /srv/known
  echo returned > returned.txt
  mkdir later && echo b > later/b.txt && echo d > later/d.txt
}

links() {
  cd /srv/known
  ln -sf kept.png retargeted
  ln -s nowhere added-dangling
  ln original.txt added-hard-link.txt
  # Of a file with two names: one changes, of another one goes.
  rm pair-1.txt
  echo changed > first.txt
}

names() {
  cd /srv/known/names
  for name in *; do echo 2 > "./$name"; done
  echo added > 'added with spaces.txt'
  echo added > 'hinzugefügt-追加.txt'
  echo added > "$(printf 'added\nline.txt')"
}

case $1 in
  all) for part in apt pip npm contents metadata removals replacements returns links names; do
    sh "$0" $part
  done ;;
  pip) pip_ ;;
  *) "$1" ;;
esac
