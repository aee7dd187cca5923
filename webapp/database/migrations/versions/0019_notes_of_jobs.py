"""what is worth knowing of a job that succeeded, apart from what went wrong

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-30 00:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('job', sa.Column('note', sa.Text(), nullable=True))
    op.execute(
        "UPDATE job SET note = message, message = NULL "
        "WHERE state = 'succeeded' AND error_kind IS NULL AND message IS NOT NULL"
    )


def downgrade():
    op.execute("UPDATE job SET message = note WHERE message IS NULL AND note IS NOT NULL")
    op.drop_column('job', 'note')  # no batch: SQLite would make a new table, and others refer to this one
