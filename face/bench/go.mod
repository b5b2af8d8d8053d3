module github.com/imgvet/imgvet/face/bench

go 1.26.0

replace github.com/imgvet/imgvet => ../..

require (
	github.com/esimov/pigo v1.4.6
	github.com/imgvet/imgvet v0.0.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/image v0.47.0
)

require (
	github.com/ebitengine/purego v0.9.1 // indirect
	github.com/gabriel-vasile/mimetype v1.4.16 // indirect
	github.com/gen2brain/heic v0.4.9 // indirect
	github.com/jdeng/goheif v0.0.0-20260407171156-9bf5264f67af // indirect
	github.com/tetratelabs/wazero v1.12.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
