# The program, built and installed, with its configurations and models:
#   docker build -t links . && docker run --rm -v "$PWD:/data" links lift --input detections/ -o people.json
# The tree that it was built in is /links: docker run --rm -it --entrypoint bash links
FROM debian:12
WORKDIR /links
COPY . .
RUN scripts/setup.sh && scripts/build.sh links_app && cmake --install build/release --prefix /usr/local
WORKDIR /data
ENTRYPOINT ["links"]
