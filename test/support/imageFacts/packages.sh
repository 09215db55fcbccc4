# Run in a container: what its package managers say is installed, one `manager TAB name TAB version` a
# line, on file descriptor 3. The test images have no npm and no apk to ask: of those the files tell, the
# ones of npm as `npm TAB path TAB base64`.
tab=$(printf '\t')
if command -v dpkg-query; then
  dpkg-query -W -f 'apt\t${Package}\t${Version}\t${db:Status-Status}\n' |
    sed -n "s/${tab}installed\$//p" >&3
fi
if command -v pip; then
  pip list --format=freeze --disable-pip-version-check | sed "s/^/pip$tab/; s/==/$tab/" >&3
fi
if [ -f /lib/apk/db/installed ]; then
  awk -v OFS="$tab" '/^P:/ { name = substr($0, 3) } /^V:/ { print "apk", name, substr($0, 3) }' \
    /lib/apk/db/installed >&3
fi
find / -xdev -path '*/node_modules/*/package.json' | while read -r file; do
  printf 'npm\t%s\t%s\n' "$file" "$(base64 "$file" | tr -d '\n')" >&3
done
