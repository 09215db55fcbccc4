# Each change is a layer of its own, so that whiteouts and opaque folders come out as in real images.
FROM sandglass-test/known-before:1
RUN sh /opt/known/change.sh apt
RUN sh /opt/known/change.sh pip
RUN sh /opt/known/change.sh npm
RUN sh /opt/known/change.sh contents
RUN sh /opt/known/change.sh metadata
RUN sh /opt/known/change.sh removals
RUN sh /opt/known/change.sh replacements
RUN sh /opt/known/change.sh returns
RUN sh /opt/known/change.sh links
RUN sh /opt/known/change.sh names
