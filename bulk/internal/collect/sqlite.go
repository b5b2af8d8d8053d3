package collect

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/imgvet/imgvet/bulk/internal/line"
)

const (
	// The file has another name until it is whole, so nothing is lost if it never is.
	schema = `PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
CREATE TABLE verdicts (
	key TEXT NOT NULL, file TEXT NOT NULL, ok INTEGER NOT NULL, code INTEGER, message TEXT, reason TEXT,
	"offset" INTEGER, "limit" INTEGER, got INTEGER, detail TEXT, advice TEXT, failure TEXT,
	format TEXT, width INTEGER, height INTEGER, size INTEGER NOT NULL, orientation INTEGER, frames INTEGER,
	facts TEXT, faces TEXT, warnings TEXT, etag TEXT, version TEXT
);`
	insert        = `INSERT INTO verdicts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	indexes       = `CREATE INDEX verdicts_key ON verdicts (key); CREATE INDEX verdicts_bad ON verdicts (code, reason) WHERE NOT ok;`
	inTransaction = 10_000
)

type sqliteSink struct {
	db   *sql.DB
	tx   *sql.Tx
	stmt *sql.Stmt
	held int
}

func newSQLite(path string) (Sink, error) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	s := &sqliteSink{db: db}
	_, err = db.ExecContext(context.Background(), schema)
	if err == nil {
		err = s.begin()
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (s *sqliteSink) begin() (err error) {
	if s.tx, err = s.db.BeginTx(context.Background(), nil); err != nil {
		return err
	}
	s.stmt, err = s.tx.PrepareContext(context.Background(), insert)
	return err
}

func (s *sqliteSink) commit() error { return errors.Join(s.stmt.Close(), s.tx.Commit()) }

func (s *sqliteSink) Add(lines []line.Line, _ []byte) error {
	for _, l := range lines {
		r, err := rowOf(l)
		if err != nil {
			return err
		}
		_, err = s.stmt.ExecContext(context.Background(), r.Key, r.File, r.OK, r.Code, r.Message, r.Reason, r.Offset, r.Limit, r.Got, r.Detail, r.Advice,
			r.Failure, r.Format, r.Width, r.Height, r.Size, r.Orientation, r.Frames, r.Facts, r.Faces, r.Warnings, r.ETag, r.Version)
		if err != nil {
			return err
		}
	}
	if s.held += len(lines); s.held < inTransaction {
		return nil
	}
	s.held = 0
	return errors.Join(s.commit(), s.begin())
}

func (s *sqliteSink) Close() error {
	err := s.commit()
	if err == nil {
		_, err = s.db.ExecContext(context.Background(), indexes)
	}
	return errors.Join(err, s.db.Close())
}
