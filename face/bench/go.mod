module github.com/imgvet/imgvet/face/bench

go 1.26.0

replace github.com/imgvet/imgvet => ../..

require (
	github.com/esimov/pigo v1.4.6
	github.com/imgvet/imgvet v0.0.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/image v0.48.0
)

require (
	github.com/gabriel-vasile/mimetype v1.4.16 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
