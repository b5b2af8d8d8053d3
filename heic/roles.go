package heic

// listItems fills info.Items from the tables read so far.
func (v *verifier) listItems() {
	v.info.Items = make([]Item, len(v.items))
	v.assignRoles()
	for i := range v.items {
		it := &v.items[i]
		w, h := v.extentsOf(it)
		v.info.Items[i] = Item{
			ID: it.id, Type: string(it.typ[:]), Role: v.state(it).role, Size: it.loc.size,
			Width: w, Height: h, Hidden: it.hidden,
		}
	}
}

// assignRoles says what each item is to the primary one.
func (v *verifier) assignRoles() {
	for i := range v.refs {
		r := &v.refs[i]
		if it := v.item(r.from); it != nil {
			v.assignRole(it, r)
		}
	}
	for i := range v.items {
		switch it := &v.items[i]; {
		case it.id == v.primary:
			v.state(it).role = RolePrimary
		case v.state(it).role != RoleNone:
		case string(it.typ[:]) == "Exif" || string(it.typ[:]) == "mime":
			v.state(it).role = RoleMetadata
		}
	}
}

func (v *verifier) assignRole(it *item, r *reference) {
	switch string(r.typ[:]) {
	case "thmb":
		v.state(it).role = RoleThumbnail
	case "auxl":
		v.state(it).role = RoleAuxiliary
		if v.isAlpha(it) {
			v.state(it).role = RoleAlpha
		}
	case "cdsc":
		v.state(it).role = RoleMetadata
	case "dimg":
		for i := range r.len() {
			if to := v.item(r.id(i)); to != nil && v.state(to).role == RoleNone {
				v.state(to).role = RoleInput
			}
		}
	}
}
