# In a sandbox: what the first capture has. Packages are as pip and dpkg leave them, with contents by chance.
set -eu
. /tmp/packages.sh
pip_package numpy 2.1.3 9000
pip_package pandas 2.2.3 12000
pip_package requests 2.32.3 180
deb_package libgomp1 12.2.0-14
cd /srv/app
mkdir -p data models
seq -f '{"label": 1, "features": {"clicks": %g}}' 60000 > data/clicks.jsonl
head -c 24M /dev/urandom > models/baseline.bin
ln -s baseline.bin models/current
echo 'python3 train.py' > run.sh
