// Package face finds human faces, ready to be used behind validate.Options.Faces.
package face
