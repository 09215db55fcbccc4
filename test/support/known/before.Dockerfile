# What the known changes are made to: see change.sh.
FROM sandglass-test/debian:1
COPY . /opt/known
RUN sh /opt/known/before.sh apt
RUN sh /opt/known/before.sh pip
RUN sh /opt/known/before.sh npm
RUN sh /opt/known/before.sh files
