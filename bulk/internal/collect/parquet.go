package collect

import (
	"errors"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/imgvet/imgvet/bulk/internal/line"
)

// rowGroup is how many rows are held before they are written.
const rowGroup = 20_000

type parquetSink struct {
	f    *os.File
	w    *parquet.GenericWriter[row]
	held int
}

func newParquet(path string) (Sink, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return nil, err
	}
	return &parquetSink{f: f, w: parquet.NewGenericWriter[row](f, parquet.Compression(&parquet.Zstd))}, nil
}

func (p *parquetSink) Add(lines []line.Line, _ []byte) error {
	rows := make([]row, len(lines))
	for i, l := range lines {
		var err error
		if rows[i], err = rowOf(l); err != nil {
			return err
		}
	}
	if _, err := p.w.Write(rows); err != nil {
		return err
	}
	if p.held += len(rows); p.held < rowGroup {
		return nil
	}
	p.held = 0
	return p.w.Flush()
}

func (p *parquetSink) Close() error { return errors.Join(p.w.Close(), p.f.Sync(), p.f.Close()) }
