# In a sandbox of the first capture: what the second one has.
set -eu
. /tmp/packages.sh
pip_package numpy 2.2.1 9400
pip_package lightgbm 4.5.0 5200
pip_remove requests
deb_package libgomp1 12.2.0-14+deb12u1
cd /srv/app
chmod 755 run.sh
head -c 16M /dev/urandom > models/tuned.bin
ln -sf tuned.bin models/current
echo '{"loss": 0.0312, "epochs": 87}' > models/tuned.json
rm README.md
