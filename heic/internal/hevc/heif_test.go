package hevc

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// hvcCUnits returns the parameter sets of the first hvcC box of a HEIF file, and
// the number of bytes of its NAL unit lengths. It trusts the file: tests only.
func hvcCUnits(t testing.TB, file []byte) (units [][]byte, lengthSize int) {
	t.Helper()
	i := bytes.Index(file, []byte("hvcC"))
	require.Positive(t, i, "no hvcC box")
	b := file[i+4:]
	lengthSize = int(b[21]&3) + 1
	arrays := int(b[22])
	b = b[23:]
	for range arrays {
		n := int(binary.BigEndian.Uint16(b[1:]))
		b = b[3:]
		for range n {
			size := int(binary.BigEndian.Uint16(b))
			units = append(units, b[2:2+size])
			b = b[2+size:]
		}
	}
	return units, lengthSize
}

// moduleFile returns the content of a file of a module in the module cache, and
// skips the test where it is not there.
func moduleFile(t testing.TB, pattern string) []byte {
	t.Helper()
	cache := os.Getenv("GOMODCACHE")
	if cache == "" {
		gopath := os.Getenv("GOPATH")
		if gopath == "" {
			home, err := os.UserHomeDir()
			require.NoError(t, err)
			gopath = filepath.Join(home, "go")
		}
		cache = filepath.Join(gopath, "pkg", "mod")
	}
	found, err := filepath.Glob(filepath.Join(cache, "github.com", pattern))
	require.NoError(t, err)
	if len(found) == 0 {
		t.Skipf("SKIPPED: %s is not in the module cache", pattern)
	}
	b, err := os.ReadFile(found[0])
	require.NoError(t, err)
	return b
}
