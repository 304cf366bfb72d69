import { ROLES, type Role } from '@underpaint/shared';

export function isAbove(role: Role, other: Role): boolean {
  return ROLES.indexOf(role) > ROLES.indexOf(other);
}

export function lowerOf(role: Role, other: Role): Role {
  return isAbove(role, other) ? other : role;
}
