package heic

import (
	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/heic/internal/heif"
)

// listItems fills info.Items from the tables read so far.
func (v *verifier) listItems() {
	v.info.Items = make([]Item, len(v.Items))
	v.assignRoles()
	for i := range v.Items {
		it := &v.Items[i]
		w, h := v.ExtentsOf(it)
		v.info.Items[i] = Item{
			ID: it.ID, Type: bmff.TypeName(it.Type[:]), Role: v.state(it).role, Size: it.Loc.Size,
			Width: w, Height: h, Hidden: it.Hidden,
		}
	}
}

// assignRoles says what each item is to the primary one.
func (v *verifier) assignRoles() {
	for i := range v.References {
		r := &v.References[i]
		if it := v.Item(r.From); it != nil {
			v.assignRole(it, r)
		}
	}
	for i := range v.Items {
		switch it := &v.Items[i]; {
		case it.ID == v.Primary:
			v.state(it).role = RolePrimary
		case v.state(it).role != RoleNone:
		case string(it.Type[:]) == "Exif" || string(it.Type[:]) == "mime":
			v.state(it).role = RoleMetadata
		}
	}
}

func (v *verifier) assignRole(it *heif.Item, r *heif.Reference) {
	switch string(r.Type[:]) {
	case "thmb":
		v.state(it).role = RoleThumbnail
	case "auxl":
		v.state(it).role = RoleAuxiliary
		if v.IsAlpha(it) {
			v.state(it).role = RoleAlpha
		}
	case "cdsc":
		v.state(it).role = RoleMetadata
	case "dimg":
		for i := range r.Len() {
			if to := v.Item(r.ID(i)); to != nil && v.state(to).role == RoleNone {
				v.state(to).role = RoleInput
			}
		}
	}
}
