// Package health is "imgvet health": it asks a running serve or proxy whether it takes uploads.
// An image without a shell and curl has nothing else for a health check.
package health
