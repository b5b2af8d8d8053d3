# imgvet in an image of nothing else: one static program, no shell, no root.
#   docker build -t imgvet .
#   docker run --read-only --tmpfs /tmp -p 8080:8080 imgvet
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The browser's files go into the program, for the page of serve.
RUN go run ./web/build -brotli && CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /imgvet ./cmd/imgvet

FROM scratch
COPY --from=build /imgvet /imgvet
# For an upstream with HTTPS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
USER 65532:65532
ENV IMGVET_ADDR=:8080 IMGVET_ADMIN=127.0.0.1:9090
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["/imgvet", "health"]
ENTRYPOINT ["/imgvet"]
CMD ["serve"]
