package declared

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
)

var formats = []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP}

func TestMisnamed(t *testing.T) {
	for _, f := range formats {
		for _, other := range formats {
			for _, ext := range other.Extensions() {
				require.Equal(t, f != other, Misnamed("holiday."+ext, f), "%s called %s", f, ext)
			}
		}
		for _, name := range []string{"", "photo", "photo.", "photo.1", "photo.final", "a.gif/photo", "photo.txt"} {
			require.False(t, Misnamed(name, f), "%s called %q", f, name)
		}
		for _, name := range []string{"x.gif", "x.PHP", "a/b.jpg.svg", "x.mov", "x.html", "x.php.", "x.phar", "x.svgz. ."} {
			require.True(t, Misnamed(name, f), "%s called %q", f, name)
		}
	}
	require.False(t, Misnamed("DSC_1.JPG", detect.JPEG))
}

func TestContradicts(t *testing.T) {
	for _, f := range formats {
		for _, other := range formats {
			require.Equal(t, f != other, Contradicts(other.MIME(), f), "%s as %s", f, other)
		}
		for _, media := range []string{"", "image/*", "application/octet-stream", "text/plain", "application/json"} {
			require.False(t, Contradicts(media, f), "%s as %q", f, media)
		}
		for _, media := range []string{"image/gif", "video/mp4", "audio/mpeg", "application/pdf", "text/html"} {
			require.True(t, Contradicts(media, f), "%s as %q", f, media)
		}
	}
	require.False(t, Contradicts("image/pjpeg", detect.JPEG))
	require.True(t, Contradicts("image/pjpeg", detect.PNG))
}
