"""where bars came from, after their jobs are gone

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-24 04:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('bar_origin',
    sa.Column('series_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('start', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('end', sa.BigInteger(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('written_at', sa.BigInteger(), nullable=False),
    sa.Column('first_job_id', sa.Integer(), nullable=False),
    sa.Column('first_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('series_id', 'start', name=op.f('pk_bar_origin')),
    sqlite_with_rowid=False
    )


def downgrade():
    op.drop_table('bar_origin')
