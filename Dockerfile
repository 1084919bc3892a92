# syntax=docker/dockerfile:1
# The operator as one file on Node without a distribution around it. Build: docker build -t steward:0.1.0 .
# A release pins both bases by digest (FROM name:tag@sha256:…); docs/adr/0032-image.md says how and why these two.

FROM --platform=$BUILDPLATFORM docker.io/library/node:26-trixie-slim AS bundle
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY hack/bundle.ts hack/bundle.ts
COPY tsconfig.json ./
COPY src src
RUN node hack/bundle.ts

FROM gcr.io/distroless/nodejs26-debian13:nonroot
LABEL org.opencontainers.image.title="steward" \
      org.opencontainers.image.description="A Kubernetes operator that keeps the promises of a managed-systems service."
COPY --from=bundle /src/dist/ /app/
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/nodejs/bin/node", "/app/steward.mjs"]
CMD ["run"]
