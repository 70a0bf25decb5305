# An image of one compiled program, without a registry. The manifest sets the command.
FROM scratch
ARG PROGRAM
# Folder in the released image: nothing for the root, else for example /bin.
ARG FOLDER
COPY ${PROGRAM} ${FOLDER}/${PROGRAM}
# The manifests demand a numeric user other than root.
USER 1000
