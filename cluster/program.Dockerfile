# An image of one compiled program, without a registry. The manifest sets the command.
FROM scratch
ARG PROGRAM
# The program's folder in the released image, such as /bin. Empty for the root.
ARG FOLDER
COPY ${PROGRAM} ${FOLDER}/${PROGRAM}
# The manifests demand a numeric user other than root.
USER 1000
