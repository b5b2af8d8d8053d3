// Package declared compares a picture's declared media type and file name with the format of its
// content.
package declared

import (
	"path"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/detect"
)

// otherNames returns the media types that clients use for a format beside the registered one:
// old browsers, Windows and its shells, and Android.
func otherNames(f detect.Format) []string {
	switch f {
	case detect.PNG:
		return []string{"image/x-png", "image/apng", "image/vnd.mozilla.apng"}
	case detect.JPEG:
		return []string{"image/jpg", "image/pjpeg", "image/jfif", "image/mpo"}
	case detect.HEIC:
		return []string{"image/heif", "image/heic-sequence", "image/heif-sequence"}
	case detect.BMP:
		return []string{"image/x-bmp", "image/x-ms-bmp", "image/x-windows-bmp", "image/ms-bmp"}
	}
	return nil
}

// Contradicts reports whether a media type belongs to anything other than a picture of format f.
// A type that names no kind of file, such as application/octet-stream or image/*, does not
// contradict; nor does text/plain, which some clients give every part.
func Contradicts(media string, f detect.Format) bool {
	kind, _, _ := strings.Cut(media, "/")
	switch {
	case kind == "image":
		return media != f.MIME() && media != "image/*" && !slices.Contains(otherNames(f), media)
	case kind == "video" || kind == "audio":
		return true
	}
	return slices.Contains([]string{"application/pdf", "application/zip", "application/javascript", "text/html"}, media)
}

// Misnamed reports whether the extension of a file name belongs to anything other than a picture
// of format f.
func Misnamed(name string, f detect.Format) bool {
	name = strings.TrimRight(name, ". ") // Windows drops these
	ext := strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")
	if slices.Contains(f.Extensions(), ext) {
		return false
	}
	for _, other := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		if slices.Contains(other.Extensions(), ext) {
			return true
		}
	}
	// Extensions that a server or a viewer would take for another kind of file.
	return slices.Contains([]string{
		"gif", "tif", "tiff", "avif", "svg", "svgz", "ico", "jxl", "psd", "pdf", "zip", "jar", "mp4", "mov",
		"html", "htm", "xhtml", "xht", "shtml", "js", "php", "php3", "php4", "php5", "php7", "phar", "pht", "phtml",
		"asp", "aspx", "jsp", "jspx", "cgi", "exe", "com", "bat", "cmd", "sh",
	}, ext)
}
