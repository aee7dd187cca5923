"""schedules and their runs

Revision ID: 0021
Revises: 0022
Create Date: 2026-11-30 00:05:00.000000

"""
from alembic import op
import sqlalchemy as sa

from webapp.database.types import JsonText, Moment, SentenceText


# revision identifiers, used by Alembic.
revision = '0021'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('schedule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('symbols', JsonText(), nullable=False),
    sa.Column('interval', sa.String(length=8), nullable=False),
    sa.Column('period', sa.String(length=8), nullable=True),
    sa.Column('start', sa.String(length=40), nullable=True),
    sa.Column('options', JsonText(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('cron', sa.String(length=100), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('overlap', sa.String(length=8), nullable=False),
    sa.Column('fresh_minutes', sa.Integer(), nullable=True),
    sa.Column('is_paused', sa.Boolean(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('changed_at', Moment(), nullable=False),
    sa.Column('checked_until', Moment(), nullable=False),
    sa.Column('look_at', Moment(), nullable=False),
    sa.Column('exchanges', JsonText(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.create_index('ix_schedule_look_at', ['is_paused', 'look_at'], unique=False)

    op.create_table('schedule_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('schedule_id', sa.Integer(), nullable=False),
    sa.Column('due_at', Moment(), nullable=False),
    sa.Column('exchange', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('is_late', sa.Boolean(), nullable=False),
    sa.Column('is_by_hand', sa.Boolean(), nullable=False),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('ended_at', Moment(), nullable=True),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('jobs', sa.Integer(), nullable=False),
    sa.Column('reason', SentenceText(), nullable=True),
    sa.ForeignKeyConstraint(['schedule_id'], ['schedule.id'], name=op.f('fk_schedule_run_schedule_id_schedule')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule_run')),
    sa.UniqueConstraint('schedule_id', 'due_at', 'exchange', name=op.f('uq_schedule_run_schedule_id_due_at_exchange')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('schedule_run', schema=None) as batch_op:
        batch_op.create_index('ix_schedule_run_batch_id', ['batch_id'], unique=False)
        batch_op.create_index('ix_schedule_run_state', ['state'], unique=False)


def downgrade():
    with op.batch_alter_table('schedule_run', schema=None) as batch_op:
        batch_op.drop_index('ix_schedule_run_state')
        batch_op.drop_index('ix_schedule_run_batch_id')

    op.drop_table('schedule_run')
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.drop_index('ix_schedule_look_at')

    op.drop_table('schedule')
